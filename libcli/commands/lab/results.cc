#include "libcli/commands/lab/results.h"

#include <fmt/core.h>

#include <ostream>

namespace kt::cli::lab {

void Results::add(kt::lab::Point point) {
  points_.push_back(std::move(point));
  streams_.out << (prints_json() ? kt::lab::point_json(points_.back())
                                 : kt::lab::tap_line(points_.size(), points_.back()))
               << std::flush;
}

void Results::remark(const std::string& line) { streams_.out << "# " << line << '\n'; }

Result<void> Results::finish(Disk& disk) {
  if (!prints_json()) streams_.out << fmt::format("1..{}\n", points_.size());
  if (options_.ndjson && !prints_json()) {
    std::string text;
    for (const kt::lab::Point& point : points_) text += kt::lab::point_json(point);
    if (auto written = disk.replace(*options_.ndjson, text); !written) return written;
  }
  return options_.junit ? disk.replace(*options_.junit, kt::lab::junit_document(points_)) : Result<void>();
}

}  // namespace kt::cli::lab
