#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// A principal inside an Envelope (KIP-590).
struct DefaultPrincipalData {
  static constexpr const char* type_name = "DefaultPrincipalData";
  static constexpr int16_t min_version = 0, max_version = 0, first_flexible = 0;

  std::string type;
  std::string name;
  bool token_authenticated = false;
  void fields(Codec& c) {
    c.field("type", type).field("name", name).field("token_authenticated", token_authenticated);
  }
};

}  // namespace kt::wire
