setup() { load broker; }
teardown() { stop_broker KILL; }

# describe_quorum VERSION: sends the request with no topics; prints the bytes of the answer.
describe_quorum() {
  python3 - "$KT_BOOTSTRAP_SERVERS" "$1" <<'PYTHON'
import socket, struct, sys
host, port = sys.argv[1].split(":")
connection = socket.create_connection((host, int(port)), timeout=20)
request = struct.pack(">hhihbbb", 55, int(sys.argv[2]), 1, -1, 0, 1, 0)
connection.sendall(struct.pack(">i", len(request)) + request)
print(len(connection.recv(4096)))
PYTHON
}

@test "every version of DescribeQuorum is answered, and the broker goes on" {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  start_broker
  for version in 0 1 2; do
    [ "$(describe_quorum "$version")" -gt 8 ]
  done
  "$KT" topics create numbers
}
