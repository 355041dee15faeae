# One round of faults at random moments; tests/soak.sh SECONDS is the long run.
"$MPP_SOURCE/tests/soak.sh" 0
