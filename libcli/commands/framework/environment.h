#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kt {
class Clock;
class Disk;
class Rng;
}  // namespace kt

namespace kt::cli {

/// What a command may ask of the world besides its streams. Whoever makes one keeps the parts alive.
struct Environment {
  std::function<std::optional<std::string>(std::string_view)> variable;  // as getenv; none: not set
  Disk& disk;
  Clock& clock;
  Rng& rng;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

}  // namespace kt::cli
