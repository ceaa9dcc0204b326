#pragma once
#include <iosfwd>

namespace kt::cli {

/// Where a command reads and writes; tests bring string streams. Results go to `out`, all else to `err`.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

}  // namespace kt::cli
