#include "libcli/commands/lab/log_tail.h"

#include <algorithm>
#include <span>

#include "libbroker/base/disk.h"

namespace kt::cli::lab {
namespace {

constexpr uint64_t part_bytes_max = 16 << 20;

}  // namespace

Result<std::vector<std::string>> LogReader::next() {
  std::vector<std::string> lines;
  if (const auto there = disk_.exists(path_); there && !*there) return lines;
  const auto file = disk_.open(path_, Disk::Mode::read);
  if (!file) return fail(file.error());
  for (;;) {
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    std::string part(std::min(part_bytes_max, *size - std::min(*size, position_)), '\0');
    const auto bytes = (*file)->read_at(position_, std::as_writable_bytes(std::span(part)));
    if (!bytes) return fail(bytes.error());
    part.resize(*bytes);
    size_t begin = 0;
    for (size_t end; (end = part.find('\n', begin)) != part.npos; begin = end + 1)
      lines.push_back(part.substr(begin, end - begin));
    position_ += begin;
    if (begin == 0) return lines;
  }
}

std::vector<std::string> last_lines(Disk& disk, const std::string& path, size_t count) {
  auto lines = LogReader(disk, path).next();
  if (!lines) return {};
  if (lines->size() > count) lines->erase(lines->begin(), lines->end() - static_cast<ptrdiff_t>(count));
  return std::move(*lines);
}

}  // namespace kt::cli::lab
