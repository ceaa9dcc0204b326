#pragma once
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kt::cli::sim {

/// Processes that work on tasks, so that one whose task makes it abort takes nothing else with it.
class Workers {
 public:
  /// From a task's number to its answer, in a process of its own.
  using Work = std::function<std::string(uint64_t task)>;
  Workers(size_t count, Work work);
  ~Workers();
  Workers(const Workers&) = delete;

  bool has_idle() const;
  bool is_all_idle() const;
  /// To an idle one.
  void give(uint64_t task);
  struct Done {
    uint64_t task = 0;
    std::optional<std::string> answer;  // none: the process ended
    std::string last_words;             // what it said on stderr then
  };
  /// Waits for the first one to be done.
  Done take();

 private:
  struct Worker {
    pid_t pid = -1;
    int link = -1, words = -1;  // a socket, and a file that is its stderr
    std::optional<uint64_t> task;
  };
  void start(Worker& worker);
  void end(Worker& worker);
  [[noreturn]] void serve(int link);

  const Work work_;
  std::vector<Worker> workers_;
};

}  // namespace kt::cli::sim
