// What is kept in logs and small files: "TypeName version\n", then a record's key or value, or a file's
// contents.
#include <algorithm>
#include <charconv>
#include <string_view>

#include "libbroker/base/bytes.h"
#include "libbroker/metadata/records.h"
#include "libbroker/wire/decoder.h"
#include "tests/fuzz/messages.h"
#include "tests/fuzz/target.h"

namespace kt::fuzz {

std::optional<Located> locate(std::span<const std::byte> input) {
  const std::string_view text = as_text(input);
  const size_t name_end = text.find(' '), head_end = text.find('\n');
  if (head_end == std::string_view::npos || name_end > head_end) return std::nullopt;
  const MessageType* type = find_stored(text.substr(0, name_end));
  int16_t version = 0;
  const char* const number_end = text.data() + head_end;
  if (type == nullptr || std::from_chars(text.data() + name_end + 1, number_end, version).ptr != number_end)
    return std::nullopt;
  if (!type->has(version)) return std::nullopt;
  return Located{type, version, head_end + 1};
}

namespace {

// The frame of a metadata record says its own type and version.
void check_metadata_record(const Slice& value) {
  constexpr int16_t newest = metadata::metadata_version_latest;
  try {
    const metadata::Record record = metadata::decode_record(value);
    const auto again = metadata::encode_record(record, newest);
    expect(metadata::same_record(metadata::decode_record(Slice::view(again)), record),
           "a metadata record encodes to itself");
  } catch (const wire::DecodeError&) {
  } catch (const wire::EncodeError&) {  // an old version may say what the newest cannot
  }
}

}  // namespace
}  // namespace kt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kt;
  const auto input = fuzz::input_of(data, size);
  if (const auto message = fuzz::locate(input))
    fuzz::check_message(*message->type, Slice::view(input.subspan(message->body_at)), message->version);
  else
    fuzz::check_metadata_record(Slice::view(input));
  return 0;
}
