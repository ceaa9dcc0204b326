# Runs the tour of the README: each "$ command" of its console blocks, with the output that stands below it.
setup_file() { load broker; }
teardown_file() { load broker; stop_broker; }

@test "the tour of the README is true" {
  load broker
  ln -sf "$KT" "$BATS_TEST_TMPDIR/kt"
  export PATH=$BATS_TEST_TMPDIR:$PATH
  start_broker
  cd "$BATS_TEST_TMPDIR"
  awk '/^```console/ {on = 1; next} /^```/ {on = 0} on' "$BATS_TEST_DIRNAME/../../README.md" >tour
  local command= expected= line
  check() {
    [ -n "$command" ] || return 0
    local actual
    actual=$(eval "$command" 2>&1) || true
    if [ "$actual" != "$expected" ]; then
      printf '$ %s\nexpected: %s\nactual:   %s\n' "$command" "$expected" "$actual" >&2
      return 1
    fi
  }
  while IFS= read -r line; do
    if [[ $line == '$ kt server '* ]]; then
      command=  # the broker that start_broker started, on a port of its own
    elif [[ $line == '$ '* ]]; then
      check
      command=${line#'$ '} expected=
    else
      expected+=${expected:+$'\n'}$line
    fi
  done <tour
  check
}
