# A configuration of the published trainer runs as it is: pretraining, and finetuning from a checkpoint
# in its format, chosen by name.
"$MPP" generate swe -n 6 --resolution 32 --frames 12 --seed 3 -o swe.h5 --quiet >/dev/null
"$MPP" generate diffusion-reaction -n 6 --resolution 32 --frames 12 --horizon 0.55 --seed 4 -o dr.h5 \
  --quiet >/dev/null
mkdir -p bench/shallow bench/reaction
mv swe.h5 bench/shallow/
mv dr.h5 bench/reaction/one_64.h5
sed -e "s|'~/runs'|'runs'|; s|/weights/ckpt.tar|base.pt|; s|embed_dim: 192|embed_dim: 24|" \
  -e 's|num_heads: 3|num_heads: 2|; s|processor_blocks: 12|processor_blocks: 2|' \
  -e 's|n_steps: 16|n_steps: 4|; s|max_epochs: .*|max_epochs: 2|; s|epoch_size: 2000|epoch_size: 4|' \
  -e 's|accum_grad: 5|accum_grad: 2|; s|train_val_test: .*|train_val_test: [.5, .25, .25]|' \
  -e "/bench\/CFD\/Rand/d; s|\['/bench/reaction/', 'diffre2d', ''\]|['bench/reaction', diffre2d, '64']|" \
  -e "s|\['~/bench/shallow'|['bench/shallow'|; s|\['/bench/lab', 'plasma', ''\]|['bench/reaction/', plasma, 'one']|" \
  -e "/bench\/CFD\/Turb/d" "$MPP_DATA/published_config.yaml" >published.yaml

"$MPP" pretrain published.yaml >first.txt 2>first.err
grep -q 'not needed here: log_to_wandb' first.err || fail "nothing is named: $(cat first.err)"
grep -q 'basic_config: 4 steps' first.txt || fail "summary: $(cat first.txt)"
grep -q '^optimizer: dadapt-adan' runs/basic_config/config.yaml || fail "$(cat runs/basic_config/config.yaml)"
grep -q 'bench/reaction/\*64\*.h\*5:diffre2d' runs/basic_config/config.yaml || fail "the part of the path"

# A rate of one's own on the line wins over the file's.
"$MPP" pretrain published.yaml --output=runs/line --steps=3 --optimizer=adamw --learning-rate=1e-3 \
  --quiet >line.txt
grep -q 'line: 3 steps' line.txt || fail "the line does not win: $(cat line.txt)"

"$MPP" convert runs/basic_config/final.safetensors base.pt --quiet >/dev/null
"$MPP" pretrain published.yaml --config frozen >tuned.txt 2>tuned.err
grep -q "'frozen' starts from pretrained weights" tuned.err || fail "no word of it: $(cat tuned.err)"
grep -q 'new ones, appended: plasma:activator, plasma:inhibitor' tuned.err || fail "$(cat tuned.err)"
diff <(arrays runs/basic_config/final.safetensors) <(arrays runs/frozen/final.safetensors) >moved.txt || true
! grep -q '^> blocks\.' moved.txt || fail "frozen blocks moved: $(cat moved.txt)"
grep -q '^> space_bag' moved.txt || fail "nothing was trained"

# The same by the command of its name, and resumed by the folder alone.
"$MPP" finetune published.yaml --config less_frozen --model base.pt --output=runs/less --quiet >/dev/null
"$MPP" finetune --resume --output=runs/less >again.txt
grep -q 'all 8 steps were done before' again.txt || fail "$(cat again.txt)"

expect 78 "no configuration 'frozn' \(did you mean 'frozen'" "$MPP" pretrain published.yaml --config frozn
sed -i 's/enable_amp: !!bool False/enable_amp: !!bool True/' published.yaml
expect 78 'published.yaml:11:15: .enable_amp.' "$MPP" pretrain published.yaml
