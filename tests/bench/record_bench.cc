// CRC-32C by every implementation that this processor runs, in cache and out of it, and the walks over
// records.
//   ninja record_bench && tests/record_bench
#include <benchmark/benchmark.h>

#include "libbroker/base/rng.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/crc32c.h"
#include "libbroker/record/validator.h"

namespace kt::record {
namespace {

constexpr size_t in_cache_bytes = 16 << 10, out_of_cache_bytes = 256 << 20;
constexpr int64_t now_ms = 1'700'000'000'000;

void crc(benchmark::State& state, const Crc32cImplementation& implementation, size_t size) {
  const std::vector<std::byte> bytes(size, std::byte{0x5a});
  for (auto _ : state) benchmark::DoNotOptimize(implementation.compute(bytes, 0));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * size));
}

// Records of 100 bytes of value, half of them random.
std::vector<std::byte> batch_of(int records, Codec codec) {
  SeededRng rng(1);
  BatchBuilder builder({.codec = codec});
  std::vector<std::byte> value(100);
  for (int i = 0; i < records; ++i) {
    for (size_t at = 0; at < value.size() / 2; ++at) value[at] = static_cast<std::byte>(rng.next());
    builder.append({now_ms + i, {}, value});
  }
  return builder.build();
}

void read(benchmark::State& state) {
  const auto bytes = batch_of(9000, Codec::none);
  const BatchView batch = BatchView::parse(bytes).value();
  for (auto _ : state) {
    RecordReader reader = batch.records();
    for (RecordView record; reader.next(record);) benchmark::DoNotOptimize(record.value.data());
  }
  state.SetItemsProcessed(state.iterations() * batch.record_count());
}

void validate(benchmark::State& state, Codec codec) {
  const auto bytes = batch_of(static_cast<int>(state.range(0)), codec);
  Validator validator;
  const ProduceRules rules;
  for (auto _ : state) benchmark::DoNotOptimize(validator.validate(bytes, rules, now_ms).has_value());
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}

void register_all() {
  for (const Crc32cImplementation& implementation : crc32c_implementations())
    for (const size_t size :
         {size_t{128}, size_t{256}, size_t{512}, size_t{1024}, in_cache_bytes, out_of_cache_bytes})
      benchmark::RegisterBenchmark(
          (std::string("crc32c/") + implementation.name + "/" + std::to_string(size)).c_str(), crc,
          implementation, size);
  benchmark::RegisterBenchmark("read/none", read);
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd})
    benchmark::RegisterBenchmark(("validate/" + std::string(name_of(codec))).c_str(), validate, codec)
        ->Arg(150)
        ->Arg(9000);
}

}  // namespace
}  // namespace kt::record

int main(int argc, char** argv) {
  kt::record::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
