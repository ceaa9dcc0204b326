#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kt::lab {

/// What is wrong with an exercise, or with a broker's property file, before it is run.
struct Complaint {
  size_t line = 0;  // from 1; 0: the file as a whole
  std::string text;
};
std::vector<Complaint> lint_exercise(std::string_view text);
/// `path` is of a server.properties.
std::vector<Complaint> lint_properties(std::string_view text);

}  // namespace kt::lab
