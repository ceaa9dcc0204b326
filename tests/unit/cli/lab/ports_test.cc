#include "libcli/lab/ports.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libcli/lab/spec.h"

namespace kt::lab {
namespace {

using testing::HasSubstr;

/// A socket that listens on the port as kt's listeners do; -1 when it cannot.
net::OwnedDescriptor listen_at(uint16_t port) {
  net::OwnedDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listens = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                       ::listen(socket.get(), 1) == 0;
  return listens ? std::move(socket) : net::OwnedDescriptor();
}

/// A port below those of outgoing connections that can be reserved at this moment.
uint16_t free_port() {
  SeededRng rng(system_seed());
  for (;;) {
    const uint16_t port = random_port_base(rng);
    if (ReservedPorts::take({{port}})) return port;
  }
}

TEST(ReservedPorts, BelongToOneLab) {
  const uint16_t port = free_port();
  auto first = ReservedPorts::take({{port}});
  ASSERT_TRUE(first);
  const auto second = ReservedPorts::take({{port}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "port " + std::to_string(port) + " belongs to another lab");
  first = ReservedPorts();
  EXPECT_TRUE(ReservedPorts::take({{port}}));
}

TEST(ReservedPorts, OneThatIsReleasedCanBeTakenAgain) {
  const std::vector<uint16_t> ports = {free_port(), free_port()};
  auto first = ReservedPorts::take(ports);
  ASSERT_TRUE(first);
  first->release(ports[1]);
  EXPECT_TRUE(ReservedPorts::take({{ports[1]}}));
  EXPECT_FALSE(ReservedPorts::take({{ports[0]}}));
}

TEST(ReservedPorts, LetANodeListenAgainAndAgain) {
  const uint16_t port = free_port();
  const auto reserved = ReservedPorts::take({{port}});
  ASSERT_TRUE(reserved);
  for (int i = 0; i < 3; ++i) {
    const auto node = listen_at(port);
    EXPECT_GE(node.get(), 0);
    EXPECT_LT(listen_at(port).get(), 0);  // two at once are one too many
  }
}

TEST(ReservedPorts, OneThatIsTakenIsToldWithItsHolder) {
  const uint16_t port = free_port();
  const auto holder = listen_at(port);
  ASSERT_GE(holder.get(), 0);
  const auto refused = ReservedPorts::take({{port}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("port " + std::to_string(port) + " is in use by "));
}

TEST(ReservedPorts, AnAutomaticBaseLeavesRoomForALab) {
  SeededRng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const uint16_t base = random_port_base(rng);
    EXPECT_GE(base, 10'000);
    EXPECT_LE(base + controller_port_distance + controllers_max, 65'535);
  }
}

}  // namespace
}  // namespace kt::lab
