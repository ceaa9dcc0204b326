#pragma once

#include <filesystem>

namespace kt::test {

/// The checkout these tests were built from: where goldens and scenarios are read.
std::filesystem::path source_dir();

}  // namespace kt::test
