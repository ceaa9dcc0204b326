#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/net/owned_descriptor.h"
#include "libcli/commands/framework/stop_signals.h"
#include "libcli/commands/lab/child_command.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/results.h"
#include "libcli/commands/lab/run_many.h"
#include "libcli/commands/server/daemon.h"
#include "libcli/lab/exercise.h"
#include "libcli/lab/process_group.h"

namespace kt::cli::lab {
namespace {

namespace fs = std::filesystem;
using kt::lab::Exercise;
using kt::lab::Point;

constexpr std::string_view lab_name = "exercise";
constexpr int64_t patience = 10;  // times what an exercise takes
constexpr const char* told_ttl = "2h";
constexpr const char* checked_ttl = "15m";  // of a lab whose runner was killed

/// The folder with the exercises: of the source tree that this program was built in, or beside where it is
/// installed.
std::optional<fs::path> exercise_folder() {
  std::error_code error;
  for (fs::path at = fs::read_symlink("/proc/self/exe", error).parent_path(); at.has_relative_path();
       at = at.parent_path()) {
    for (const fs::path& folder : {at / "labs", at / "share/kt/labs"}) {
      if (fs::is_directory(folder, error)) return folder;
    }
  }
  return std::nullopt;
}

/// The files that are meant, in order. Errors: there is none of that number.
Result<std::vector<fs::path>> files_of(const RunOptions& options) {
  const bool is_number = !options.what.empty() && std::ranges::all_of(options.what, [](unsigned char c) {
    return std::isdigit(c) != 0;
  });
  if (!options.all && !is_number) return std::vector<fs::path>{options.what};
  const auto folder = exercise_folder();
  if (!folder)
    return fail(ErrorCode::resource_not_found,
                "there is no folder of exercises beside this program: name a file");
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(*folder, error)) {
    const std::string name = entry.path().filename();
    if (entry.path().extension() != ".bash") continue;
    if (options.all || name.starts_with(fmt::format("{:0>2}-", options.what))) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  if (files.empty())
    return fail(ErrorCode::resource_not_found,
                fmt::format("{} has no exercise {}", folder->string(), options.what));
  return files;
}

/// A folder under /tmp that is the whole state of an exercise, removed at its end.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "kt-exercise-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty() && !is_kept_) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  const fs::path& path() const { return path_; }
  void keep() { is_kept_ = true; }

 private:
  fs::path path_;
  bool is_kept_ = false;
};

class Runner {
 public:
  Runner(const Options& options, Environment& environment, Streams& streams)
      : options_(options.run),
        is_told_(options.run.mode != "ci"),
        environment_(environment),
        streams_(streams),
        results_(options.run, streams) {}

  Exit run(const std::vector<fs::path>& files) {
    Exit worst = Exit::done;
    for (const fs::path& file : files) {
      const Exit exit = run(file);
      if (worst == Exit::done) worst = exit;
      if (stopped_) {
        worst = *stopped_;
        break;
      }
    }
    if (is_told_) return worst;
    const auto written = results_.finish(environment_.disk);
    return written ? worst : refuse(written.error(), streams_);
  }

 private:
  Exit run(const fs::path& file) {
    const auto text = environment_.disk.read_all(file.string());
    if (!text) return refuse(text.error(), streams_);
    const auto exercise = kt::lab::parse_exercise(*text);
    if (!exercise)
      return refuse({exercise.error().code, fmt::format("{}: {}", file.string(), exercise.error().message)},
                    streams_);
    Scratch scratch;
    name_ = file.stem();
    if (auto ready = prepare(scratch, *exercise); !ready)
      return add({name_, "the lab is ready", false, {ready.error().message}}), Exit::unreachable;
    if (is_told_) streams_.out << fmt::format("{}: {}\n", name_, exercise->title) << std::flush;
    if (options_.mode == "do") tell_where(scratch);
    const Exit exit = perform(scratch, fs::absolute(file), *exercise);
    end(scratch, exit);
    if (options_.mode == "do" && exit == Exit::done) note_done();
    return exit;
  }

  /// How the reader's own terminals come to this lab.
  void tell_where(const Scratch& scratch) {
    const std::string file = (scratch.path() / "env").string();
    const std::string text =
        fmt::format("export XDG_STATE_HOME='{}' KT_LAB='{}' KT_BOOTSTRAP_SERVERS='{}' PATH='{}/bin':$PATH\n",
                    scratch.path().string(), lab_name, spec_.bootstrap_servers(), scratch.path().string());
    if (auto written = environment_.disk.replace(file, text); !written) refuse(written.error(), streams_);
    streams_.out << fmt::format("in another terminal: . {}\n", file) << std::flush;
  }

  /// course.json: which exercises the reader has done, and when.
  void note_done() {
    const std::string path = server::state_directory(environment_) + "/course.json";
    const auto text = environment_.disk.read_all(path);
    auto course = nlohmann::ordered_json::parse(text ? *text : "{}", nullptr, false);
    if (!course.is_object()) course = nlohmann::ordered_json::object();
    course["done"][name_] = environment_.clock.wall_ms();
    if (auto made = environment_.disk.make_directory(server::state_directory(environment_)); !made)
      refuse(made.error(), streams_);
    if (auto written = environment_.disk.replace(path, course.dump(2) + "\n"); !written)
      refuse(written.error(), streams_);
    streams_.out << fmt::format("{} is done, as {} of the course\n", name_, course["done"].size());
  }

  Result<void> prepare(const Scratch& scratch, const Exercise& exercise) {
    std::error_code error;
    fs::create_directories(scratch.path() / "bin", error);
    fs::create_directory(scratch.path() / "work", error);
    if (!error)
      fs::create_symlink(fs::read_symlink("/proc/self/exe", error), scratch.path() / "bin/kt", error);
    if (error)
      return fail(ErrorCode::kafka_storage_error,
                  fmt::format("{}: {}", scratch.path().string(), error.message()));
    if (auto written =
            environment_.disk.replace(scratch.path() / "prelude.bash", kt::lab::exercise_prelude());
        !written)
      return written;
    std::vector<std::string> up = {"kt",
                                   "lab",
                                   "up",
                                   std::string(lab_name),
                                   "--brokers",
                                   std::to_string(exercise.brokers),
                                   "--port-base",
                                   "auto",
                                   "--ttl",
                                   is_told_ ? told_ttl : checked_ttl,
                                   "--controllers",
                                   std::to_string(exercise.controllers)};
    if (exercise.is_fast) up.push_back("--fast");
    if (exercise.seed) up.insert(up.end(), {"--seed", std::to_string(*exercise.seed)});
    for (const auto& [key, value] : exercise.properties) up.insert(up.end(), {"--set", key + "=" + value});
    const auto outcome = run_child(up, {{"XDG_STATE_HOME", scratch.path()}});
    if (!outcome) return fail(outcome.error());
    if (outcome->status != 0) return fail(ErrorCode::unknown_server_error, outcome->err);
    auto spec = kt::lab::Labs(environment_.disk, scratch.path() / "kt/labs").read(std::string(lab_name));
    if (!spec) return fail(spec.error());
    spec_ = std::move(*spec);
    return {};
  }

  /// bash with the prelude and the exercise. Its group of processes ends with it.
  Exit perform(const Scratch& scratch, const fs::path& file, const Exercise& exercise) {
    int ends[2] = {-1, -1};
    if (!is_told_ && ::pipe2(ends, O_CLOEXEC) != 0)
      return refuse({ErrorCode::unknown_server_error, std::strerror(errno)}, streams_);
    const net::OwnedDescriptor from(ends[0]);
    net::OwnedDescriptor to(ends[1]);
    const pid_t shell = ::fork();
    if (shell < 0) return refuse({ErrorCode::unknown_server_error, std::strerror(errno)}, streams_);
    if (shell == 0) become_shell(scratch, file, to.get());
    if (!is_told_)
      ::setpgid(shell, shell);  // as it does itself: whoever is first, the group is there to be told
    to = net::OwnedDescriptor();
    const net::OwnedDescriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, shell, 0)));
    const pid_t group = is_told_ ? shell : -shell;
    std::optional<StopWatch> watch;
    watch.emplace(signals_, [group, &ended](Exit) { end_group(group, ended.get()); });
    const bool is_in_time = is_told_ || read_points(from.get(), ended.get(), exercise.time_ms * patience);
    std::vector<std::string> running;
    if (!is_in_time) {
      for (const std::string& command : kt::lab::running_in(shell))
        running.push_back("still running: " + command);
      end_group(group, ended.get());
    }
    siginfo_t unread;
    while (::waitid(P_PID, static_cast<id_t>(shell), &unread, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
    }
    watch.reset();  // while the group is the shell's: reaped, its id may be another one's
    if (!is_told_) ::kill(group, SIGKILL);
    int status = 0;
    while (::waitpid(shell, &status, 0) < 0 && errno == EINTR) {
    }
    if ((stopped_ = signals_.received())) return *stopped_;
    if (!is_in_time)
      return add({name_, fmt::format("it ends within {} ms", exercise.time_ms * patience), false,
                  std::move(running)}),
             Exit::timed_out;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    return code == 0 || code == 3 || code == 124 ? static_cast<Exit>(code) : Exit::failed;
  }

  /// Tells it to end, which takes its clients along, and again while the shell goes on: a process that it was
  /// just making got no signal, and it waits for that one.
  static void end_group(pid_t group, int shell_ended) {
    constexpr int times_max = 5, patience_ms = 2'000;
    for (int i = 0; i < times_max; ++i) {
      ::kill(group, SIGTERM);
      pollfd shell{shell_ended, POLLIN, 0};
      if (::poll(&shell, 1, patience_ms) > 0) return;
    }
    ::kill(group, SIGKILL);
  }

  [[noreturn]] void become_shell(const Scratch& scratch, const fs::path& file, int out) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (!is_told_) {  // a narrated one stays in the terminal's group, to read from it
      ::setpgid(0, 0);
      ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
      ::dup2(out, STDOUT_FILENO);
      ::dup2(out, STDERR_FILENO);
    }
    const std::string path =
        (scratch.path() / "bin").string() + ":" + environment_.variable("PATH").value_or("/usr/bin:/bin");
    const std::pair<const char*, std::string> variables[] = {
        {"PATH", path},
        {"XDG_STATE_HOME", scratch.path()},
        {"KT_LAB", std::string(lab_name)},
        {"KT_LAB_DIR", scratch.path() / "kt/labs" / lab_name},
        {"KT_LAB_MODE", options_.mode},
        {"KT_LAB_FILES", file.parent_path()},
        {"KT_NO_HINTS", "1"},
        {"KT_BOOTSTRAP_SERVERS", spec_.bootstrap_servers()}};
    for (const auto& [name, value] : variables) ::setenv(name, value.c_str(), 1);
    const std::string prelude = scratch.path() / "prelude.bash", work = scratch.path() / "work";
    if (::chdir(work.c_str()) == 0)
      ::execlp("bash", "bash", "-c", ". \"$1\"; . \"$2\"", "bash", prelude.c_str(), file.c_str(), nullptr);
    constexpr int exit_cannot_run = 127;
    ::_exit(exit_cannot_run);
  }

  /// Lines until the shell has ended: what it leaves behind may hold its end of the pipe. False when that
  /// took longer than `ms_max`.
  bool read_points(int from, int ended, int64_t ms_max) {
    const int64_t deadline_ms = environment_.clock.monotonic_ms() + ms_max;
    std::string text;
    std::optional<Point> open;  // its diagnostics may still come
    for (;;) {
      const int64_t left_ms = deadline_ms - environment_.clock.monotonic_ms();
      pollfd readable[] = {{from, POLLIN, 0}, {ended, POLLIN, 0}};
      const int found = left_ms <= 0 ? 0 : ::poll(readable, std::size(readable), static_cast<int>(left_ms));
      if (found == 0) return take(open), false;
      if (found < 0) continue;  // a signal
      if (readable[0].revents == 0) return take(open), true;
      char part[4096];
      const ssize_t bytes = ::read(from, part, sizeof part);
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes <= 0) return take(open), true;
      text.append(part, static_cast<size_t>(bytes));
      for (size_t end; (end = text.find('\n')) != text.npos; text.erase(0, end + 1))
        take_line(text.substr(0, end), open);
    }
  }

  void take_line(const std::string& line, std::optional<Point>& open) {
    constexpr std::string_view good = "ok - ", bad = "not ok - ";
    if (line.starts_with(good) || line.starts_with(bad)) {
      take(open);
      const bool holds = line.starts_with(good);
      open = Point{name_, line.substr(holds ? good.size() : bad.size()), holds, {}};
    } else if (open) {
      open->diagnostics.push_back(line);
    } else {
      results_.remark(line);
    }
  }

  void take(std::optional<Point>& open) {
    if (open) add(std::move(*open));
    open.reset();
  }

  void add(Point point) { results_.add(std::move(point)); }

  void end(Scratch& scratch, Exit exit) {
    if (exit != Exit::done && options_.keeps_on_failure) {
      scratch.keep();
      streams_.err << fmt::format("the lab goes on: XDG_STATE_HOME={} kt lab status; kt lab down ends it\n",
                                  scratch.path().string());
      return;
    }
    const kt::lab::Place place =
        kt::lab::Labs(environment_.disk, scratch.path() / "kt/labs").place(std::string(lab_name));
    constexpr int64_t down_ms_max = kt::lab::stop_ms_max * 3;
    if (const auto down = kt::lab::take_down(place, down_ms_max); !down) refuse(down.error(), streams_);
  }

  const RunOptions& options_;
  const bool is_told_;
  Environment& environment_;
  Streams& streams_;
  StopSignals signals_;
  std::optional<Exit> stopped_;
  kt::lab::Spec spec_;
  std::string name_;
  Results results_;
};

}  // namespace

Exit run_exercises(const Options& options, Environment& environment, Streams& streams) {
  const auto files = files_of(options.run);
  if (!files) return refuse(files.error(), streams);
  if (options.run.jobs == 1 && options.run.repeat == 1)
    return Runner(options, environment, streams).run(*files);
  Results results(options.run, streams);
  const Exit exit = run_many(*files, options.run, results);
  const auto written = results.finish(environment.disk);
  return written ? exit : refuse(written.error(), streams);
}

}  // namespace kt::cli::lab
