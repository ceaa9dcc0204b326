setup_file() {
  load broker
  start_broker --override kt.metrics.listener=127.0.0.1:0
}
teardown_file() {
  load broker
  stop_broker
}
setup() { load broker; }

get() { curl -sS --max-time 10 "$@" "http://127.0.0.1:$METRICS_PORT$path"; }
# The value of a sample, by its whole name.
value() { grep -v "^#" <<<"$metrics" | grep -F "$1 " | cut -d" " -f2; }

@test "health and readiness" {
  [ "$(path=/health get)" = healthy ]
  [ "$(path=/ready get)" = ready ]
  [ "$(path=/nowhere get -o /dev/null -w '%{http_code}')" = 404 ]
}

@test "metrics count what clients do" {
  "$KT" topics create counted --partitions 2
  seq 1 10 | "$KT" produce --topic counted
  "$KT" consume --topic counted --group counters --from-beginning --max-messages 10 >/dev/null
  metrics=$(path=/metrics get)
  [ "$(value 'kafka_server_brokertopicmetrics_messagesin_total{topic="counted"}')" = 10 ]
  [ "$(value 'kafka_server_brokertopicmetrics_bytesin_total{topic="counted"}')" -gt 10 ]
  [ "$(value 'kafka_server_brokertopicmetrics_bytesout_total{topic="counted"}')" -gt 10 ]
  [ "$(value kafka_server_brokertopicmetrics_messagesin_total)" -ge 10 ]
  [ "$(value 'kafka_log_log_size{topic="counted",partition="0"}')" -ge 0 ]
  [ "$(value kafka_server_replicamanager_underreplicatedpartitions)" = 0 ]
  [ "$(value kafka_controller_kafkacontroller_activecontrollercount)" = 1 ]
  [ "$(value kafka_controller_kafkacontroller_globaltopiccount)" = 2 ]
  [ "$(value kafka_coordinator_group_groupmetadatamanager_numgroups)" = 1 ]
  [ "$(value 'kafka_network_requestmetrics_totaltimems_count{request="CreateTopics"}')" -ge 1 ]
  [[ $metrics =~ kafka_network_requestmetrics_requests_total\{request=\"Produce\",version=\"[0-9]+\"\}\ [1-9] ]]
  [[ $metrics =~ kafka_network_requestmetrics_totaltimems\{request=\"FetchConsumer\",quantile=\"0.99\"\}\ [0-9.]+ ]]
}

@test "totals never go down, though topics go" {
  "$KT" topics create gone
  seq 1 5 | "$KT" produce --topic gone
  metrics=$(path=/metrics get)
  before=$(value kafka_server_brokertopicmetrics_messagesin_total)
  "$KT" topics delete gone
  metrics=$(path=/metrics get)
  [ "$(value kafka_server_brokertopicmetrics_messagesin_total)" -ge "$before" ]
  [ -z "$(value 'kafka_server_brokertopicmetrics_messagesin_total{topic="gone"}')" ]
}

@test "every family is described, and no sample stands twice" {
  metrics=$(path=/metrics get)
  [ -z "$(grep -v '^#' <<<"$metrics" | cut -d' ' -f1 | sort | uniq -d)" ]
  run bash -c 'grep -v "^#" <<<"$1" | sed "s/[{ ].*//; s/_sum$//; s/_count$//" | sort -u | while read -r name; do
    grep -q "^# TYPE ${name}\(_count\)\? " <<<"$1" || echo "$name has no type"; done' _ "$metrics"
  [ -z "$output" ]
}

@test "a metrics port in use is named" {
  run timeout 20 "$KT" server --ephemeral --override listeners=PLAINTEXT://127.0.0.1:0 --override "kt.metrics.listener=127.0.0.1:$METRICS_PORT"
  [ "$status" -eq 1 ]
  [ "$output" = "error: port $METRICS_PORT is in use at 127.0.0.1" ]
}
