#include "tests/unit/raft/scenario.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/source_dir.h"

// testdata/*.txt: a command, a line "----", what it is to say, an empty line. Other lines up to an empty one
// are prose. KT_REWRITE=1 writes what is said now; read the difference before you commit it.
namespace kt::raft::sim {
namespace {

const std::filesystem::path folder = test::source_dir() / "tests/unit/raft/testdata";

/// The file as it would be if everything in it were expected.
std::string replay(const std::string& text) {
  Scenario scenario;
  std::istringstream in(text);
  std::string out, before;
  for (std::string line; std::getline(in, line);) {
    if (line != "----") {
      out += line + "\n";
      before = line;
      continue;
    }
    out += line + "\n" + scenario.run(before) + "\n";
    while (std::getline(in, line) && !line.empty()) {
    }
  }
  return out;
}

class ScenarioFile : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, SaysWhatIsExpected) {
  const auto path = folder / (GetParam() + ".txt");
  std::stringstream expected;
  expected << std::ifstream(path).rdbuf();
  const std::string said = replay(expected.str());
  if (std::getenv("KT_REWRITE")) {
    std::ofstream(path) << said;
    return;
  }
  EXPECT_EQ(said, expected.str());
}

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Raft, ScenarioFile, testing::ValuesIn(files()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace kt::raft::sim
