// Runs a target's inputs once each, without libFuzzer: replay PATH... , where a path is an input, a folder of
// inputs, or a pack (tests/fuzz/pack) of them. Names the input that it dies on.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "libbroker/base/bytes.h"
#include "tests/fuzz/target.h"

namespace {

using Bytes = std::vector<char>;

std::string current;  // the input that is being tried

void on_abort(int) {
  const auto written = write(STDERR_FILENO, current.data(), current.size());
  _exit(written < 0 ? 3 : 2);
}

void run(const std::string& name, const char* data, size_t size) {
  current = "fuzz: the input is " + name + "\n";
  const std::vector<uint8_t> exact(data, data + size);  // so that a sanitizer sees a read beyond its end
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A pack is one input after the other, each behind its size as an int32.
size_t run_pack(const std::filesystem::path& path) {
  const Bytes pack = read_file(path);
  size_t count = 0;
  for (size_t at = 0; at + 4 <= pack.size(); ++count) {
    const auto size = kt::load_be<uint32_t>(reinterpret_cast<const std::byte*>(pack.data() + at));
    at += 4;
    kt::fuzz::expect(size <= pack.size() - at, "a pack is whole");
    run(path.string() + " number " + std::to_string(count), pack.data() + at, size);
    at += size;
  }
  return count;
}

size_t run_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const auto& file : files) {
    const Bytes bytes = read_file(file);
    run(file.string(), bytes.data(), bytes.size());
  }
  return files.size();
}

size_t run_path(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return run_folder(path);
  if (path.extension() == ".pack") return run_pack(path);
  const Bytes bytes = read_file(path);
  return run(path.string(), bytes.data(), bytes.size()), 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGABRT, on_abort);
  size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::exists(argv[i]))
      return std::fprintf(stderr, "replay: no such path: %s\n", argv[i]), 2;
    count += run_path(argv[i]);
  }
  std::printf("%zu inputs\n", count);
  return count > 0 ? 0 : 2;  // a replay of nothing is a mistake
}
