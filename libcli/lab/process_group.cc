#include "libcli/lab/process_group.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace kt::lab {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// proc(5): pid (name) state ppid pgrp; the name may have spaces and parentheses.
bool is_in(const std::string& stat, pid_t group) {
  const size_t after_name = stat.rfind(") ");
  if (after_name == stat.npos) return false;
  char state = 0;
  long parent = 0, own_group = 0;
  return std::sscanf(stat.c_str() + after_name + 2, "%c %ld %ld", &state, &parent, &own_group) == 3 &&
         own_group == group;
}

}  // namespace

std::vector<std::string> running_in(pid_t group) {
  std::map<pid_t, std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    pid_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size() || id == group) continue;
    if (!is_in(text_of(entry.path() / "stat"), group)) continue;
    std::string words = text_of(entry.path() / "cmdline");
    if (words.empty()) continue;  // it has ended, and nobody has waited for it
    words.pop_back();
    std::ranges::replace(words, '\0', ' ');
    found.emplace(id, std::move(words));
  }
  std::vector<std::string> commands;
  for (auto& [id, command] : found) commands.push_back(std::move(command));
  return commands;
}

}  // namespace kt::lab
