"""closed.py HOW COMMAND...: runs COMMAND with a standard stream that nobody reads (stdout, stderr: a pipe
whose reader is gone) or none at all (none), and SIGPIPE as programs find it."""
import os
import signal
import sys

how, command = sys.argv[1], sys.argv[2:]
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
if how == "none":
    for fd in range(3):
        os.close(fd)
else:
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, {"stdout": 1, "stderr": 2}[how])
    os.close(writer)
os.execv(command[0], command)
