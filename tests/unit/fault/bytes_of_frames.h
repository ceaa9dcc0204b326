#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libbroker/base/bytes.h"

namespace kt::fault {

template <class Int>
std::string be(Int value) {
  std::string bytes(sizeof value, '\0');
  store_be(reinterpret_cast<std::byte*>(bytes.data()), value);
  return bytes;
}
inline std::string framed(std::string_view body) {
  return be(static_cast<int32_t>(body.size())) + std::string(body);
}
inline std::string request(int16_t api, int32_t id, std::string_view client, std::string_view body) {
  return framed(be(api) + be<int16_t>(0) + be(id) + be(static_cast<int16_t>(client.size())) +
                std::string(client) + std::string(body));
}
inline std::string answer(int32_t id, std::string_view body) { return framed(be(id) + std::string(body)); }

}  // namespace kt::fault
