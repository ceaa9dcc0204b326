#include "tests/support/source_dir.h"

namespace kt::test {

std::filesystem::path source_dir() { return KT_SOURCE_DIR; }

}  // namespace kt::test
