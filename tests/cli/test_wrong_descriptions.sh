# The page of messages says what the program says, and has forty of them and more.
bash "$MPP_SOURCE/examples/wrong_descriptions.sh" >page.md
diff "$MPP_SOURCE/examples/wrong_descriptions.md" page.md
[[ $(grep -cE '^\| `.*\| (64|65|66|78) \| mpp: .{10}' page.md) -ge 60 ]] || fail "fewer messages than it should have"
if grep -E '^\| `.*\| (0|1|70|13[0-9]) \|' page.md; then fail "a command did not fail as it should"; fi
