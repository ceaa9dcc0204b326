#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "libbroker/base/disk.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/lab/training.h"
#include "libcli/term/report.h"

namespace kt::cli::lab {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> cannot(std::string_view what, const fs::path& path, const std::error_code& why) {
  return fail(ErrorCode::kafka_storage_error,
              fmt::format("cannot {} {}: {}", what, path.string(), why.message()));
}

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return cannot("make", path, error);
  return {};
}

/// A link that is there is set anew; anything else of that name stays, and is an error.
Result<void> make_link(const fs::path& path, const fs::path& target) {
  std::error_code error;
  const auto there = fs::symlink_status(path, error);
  if (fs::exists(there) && !fs::is_symlink(there))
    return fail(
        ErrorCode::kafka_storage_error,
        fmt::format("{} is there already and is no link of kt's: name another directory", path.string()));
  if (fs::is_symlink(there)) fs::remove(path, error);
  fs::create_symlink(target, path, error);
  if (error) return cannot("link", path, error);
  return {};
}

/// A file that is there is the reader's.
Result<void> make_file(const fs::path& root, const kt::lab::TrainingFile& file, Disk& disk) {
  const fs::path path = root / file.path;
  if (auto made = make_folder(path.parent_path()); !made) return made;
  std::error_code error;
  if (fs::exists(path, error)) return {};
  if (auto written = disk.replace(path, file.text); !written) return written;
  if (file.is_script) fs::permissions(path, fs::perms{0755}, error);
  if (error) return cannot("make a program of", path, error);
  return {};
}

Result<void> lay_out(const fs::path& root, const std::vector<std::string>& scripts, Disk& disk) {
  const fs::path bin = root / "kafka/bin";
  if (auto made = make_folder(bin); !made) return made;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return cannot("find", "this program", error);
  for (const std::string& script : scripts) {
    if (auto linked = make_link(bin / script, program); !linked) return linked;
  }
  for (const std::string& folder : kt::lab::training_folders()) {
    if (auto made = make_folder(root / folder); !made) return made;
  }
  for (const auto& file : kt::lab::training_files()) {
    if (auto made = make_file(root, file, disk); !made) return made;
  }
  for (const auto& [path, target] : kt::lab::training_links()) {
    if (auto linked = make_link(root / path, target); !linked) return linked;
  }
  return {};
}

}  // namespace

Exit scaffold(const Options& options, Environment& environment, Streams& streams) {
  std::error_code error;
  fs::path root = fs::absolute(options.scaffold.directory, error).lexically_normal();
  if (!root.has_filename()) root = root.parent_path();
  if (root.filename() != kt::lab::training_folder) root /= kt::lab::training_folder;
  if (auto done = lay_out(root, options.scaffold.scripts, environment.disk); !done)
    return refuse(done.error(), streams);
  if (options.setting.output == Output::json) {
    const nlohmann::ordered_json one{{"directory", root.string()}};
    term::print_document(streams.out, "lab.scaffold", nlohmann::ordered_json::array({one}), {});
    return Exit::done;
  }
  const std::string home = environment.variable("HOME").value_or("");
  streams.out << root.string() << '\n';
  if (root.parent_path() == fs::path(home).lexically_normal())
    streams.out << "next: ";
  else
    streams.out << fmt::format("The scripts say ~/{}, so let that be home first:\n  export HOME={}\nnext: ",
                               kt::lab::training_folder, root.parent_path().string());
  streams.out << fmt::format(
      "cd ~/{} && kafka/bin/zookeeper-server-start.sh kafka/config/zookeeper.properties\n",
      kt::lab::training_folder);
  return Exit::done;
}

}  // namespace kt::cli::lab
