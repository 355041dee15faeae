"""Sums of gcovr's JSON by groups of files: coverage.py FILE PARSERS CHECKPOINTS MISSING."""
import json
import re
import sys

path, parsers, checkpoints, missing = sys.argv[1:5]
goals = {"all": (90, 80), "parsers": (95, 90), "checkpoints": (95, 90)}
groups = {"all": "", "parsers": parsers, "checkpoints": checkpoints}
files = {}
with open(missing, "w", encoding="utf-8") as out:
    for f in json.load(open(path, encoding="utf-8"))["files"]:
        lines = [l for l in f["lines"] if not l.get("gcovr/noncode", False)]
        branches = [b for l in lines for b in l.get("branches", [])]
        bare = [l["line_number"] for l in lines if l["count"] == 0]
        half = [l["line_number"] for l in lines if l["count"] and any(not b["count"] for b in l.get("branches", []))]
        files[f["file"]] = (len(lines) - len(bare), len(lines), sum(1 for b in branches if b["count"]), len(branches))
        out.write(f"{f['file']}\n  lines without a run: {bare}\n  with a branch not taken: {half}\n")

failed = False
for name, pattern in groups.items():
    chosen = [v for f, v in files.items() if re.match(pattern, f)]
    run, lines, taken, branches = (sum(v[i] for v in chosen) for i in range(4))
    line_share, branch_share = 100 * run / lines, 100 * taken / max(branches, 1)
    good = line_share >= goals[name][0] and branch_share >= goals[name][1]
    failed = failed or not good
    print(f"{name:12} {len(chosen):4} files  lines {run:6} of {lines:6} = {line_share:5.1f} %"
          f"  branches {taken:6} of {branches:6} = {branch_share:5.1f} %  {'' if good else 'below the goal'}")
print("least covered (lines, branches without a run):")
for f, (run, lines, taken, branches) in sorted(files.items(), key=lambda v: v[1][0] - v[1][1])[:12]:
    print(f"  {f:40} {lines - run:4} of {lines:4} lines, {branches - taken:4} of {branches:4} branches")
sys.exit(1 if failed else 0)
