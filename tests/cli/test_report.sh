# Pictures of every format, and a report opened in a real browser: its sliders move, nothing is broken,
# the console is silent, and a telephone's width is enough.
need file chromium

"$MPP" generate swe -n 5 --resolution 16 --frames 24 --seed 3 -o swe.h5 --quiet >/dev/null
"$MPP" pretrain --data swe.h5 --width 24 --heads 2 --blocks 1 --patch 2,2 --context 4 --batch 2 --steps 12 \
  --validate-every 4 --validate-windows 2 --horizons 1,4 --warmup 2 --output run --quiet >/dev/null
"$MPP" rollout --model run/final.safetensors --data swe.h5 --sample 4 --steps 8 -o out.nc --quiet >/dev/null

"$MPP" plot out.nc -o fields.png >/dev/null
"$MPP" plot out.nc --show errors -o errors.svg >/dev/null
"$MPP" plot out.nc --show spectra -o spectra.pdf >/dev/null
"$MPP" plot run -o run.svg >/dev/null
"$MPP" plot swe.h5 --sample 2 --steps 1,2,3 --size 48 -o film.webp >/dev/null
file fields.png | has 'PNG image data' || fail "fields.png: $(file fields.png)"
file errors.svg | has 'SVG' || fail "errors.svg: $(file errors.svg)"
file spectra.pdf | has 'PDF document' || fail "spectra.pdf: $(file spectra.pdf)"
file film.webp | has 'Web/P image' || fail "film.webp: $(file film.webp)"
expect 64 'pictures end in' "$MPP" plot out.nc -o fields.gif
expect 64 'animations show fields' "$MPP" plot run -o run.webp
expect 73 'exists' "$MPP" plot out.nc -o fields.png

"$MPP" report run out.nc --frames 6 --size 64 -o report.html >/dev/null
cp "$MPP_SOURCE/tests/support/report_page.html" page.html
browse() { # WIDTH: what the page saw
  sed "s/width=\"1000\"/width=\"$1\"/" page.html >"page-$1.html"
  timeout 120 chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files \
    --user-data-dir="$PWD/browser" --virtual-time-budget=20000 --enable-logging=stderr --v=0 \
    --dump-dom "file://$PWD/page-$1.html" 2>browser.log | sed -n '/id="result"/,/<\/pre>/p' |
    sed 's/<[^>]*>//g'
}
for width in 1000 360; do
  browse $width >seen.txt
  grep -q 'CONSOLE' browser.log && fail "the console says: $(grep CONSOLE browser.log | head -3)"
  for line in 'players 1' 'pictures 9' 'broken 0' 'slider 0 to 5 of 5' 'tables 2' 'too wide false'; do
    grep -qx "$line" seen.txt || fail "at width $width no '$line' in: $(cat seen.txt)"
  done
done
