#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kt::term {

/// What --color asks for.
enum class ColourWish : uint8_t { automatic, always, never };
std::optional<ColourWish> parse_colour_wish(std::string_view text);

/// What the environment says about colour, as its variables stand (none: not set).
struct ColourVariables {
  std::optional<std::string> no_color;        // NO_COLOR: any text but "" forbids
  std::optional<std::string> clicolor_force;  // CLICOLOR_FORCE: any text but "" and "0" demands
  std::optional<std::string> term;            // TERM: "dumb" forbids
};

/// A wish stated outright decides; then NO_COLOR, CLICOLOR_FORCE, TERM; then whether the stream is a
/// terminal.
bool use_colour(ColourWish wish, const ColourVariables& variables, bool is_terminal);

/// Adds colour where it is on. Colour only ever repeats what a word or a mark says.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  std::string error(std::string_view text) const { return wrap("1;31", text); }
  std::string warning(std::string_view text) const { return wrap("33", text); }
  std::string hint(std::string_view text) const { return wrap("90", text); }
  std::string heading(std::string_view text) const { return wrap("1", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool on_;
};

}  // namespace kt::term
