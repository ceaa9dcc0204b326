#include "libcli/commands/server/java_words.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace kt::cli::server {
namespace {

constexpr std::string_view java = "java";

/// This process's argument list, its name first.
std::vector<std::string> own_arguments() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string one; std::getline(in, one, '\0');) arguments.push_back(one);
  return arguments;
}

/// A path to this program; that of a file which was replaced meanwhile is of no use.
std::string own_program() {
  std::error_code error;
  const std::string path = std::filesystem::read_symlink("/proc/self/exe", error);
  return !error && std::filesystem::exists(path, error) ? path : "/proc/self/exe";
}

}  // namespace

void show_as_java(std::string_view class_name) {
  std::vector<std::string> arguments = own_arguments();
  if (arguments.empty() || (arguments.size() > 2 && arguments[1] == java && arguments[2] == class_name))
    return;
  arguments.insert(arguments.begin() + 1, {std::string(java), std::string(class_name)});
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv(own_program().c_str(), pointers.data());
}

std::vector<std::string> without_java(std::vector<std::string> words, std::string_view class_name) {
  if (words.size() >= 2 && words[0] == java && words[1] == class_name)
    words.erase(words.begin(), words.begin() + 2);
  return words;
}

}  // namespace kt::cli::server
