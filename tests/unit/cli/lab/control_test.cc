#include "libcli/lab/control.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace kt::lab {
namespace {

TEST(Control, AnAnswerMayBeLong) {
  std::string folder = testing::TempDir() + "/kt-control-XXXXXX";
  const Place place{::mkdtemp(folder.data())};
  std::filesystem::create_directory(place.run());
  const auto listens = listen_for_control(place);
  ASSERT_TRUE(listens);
  NodeStatus node;
  node.ended = std::string(4 * control_line_bytes_max, 'x');
  std::thread supervisor([&] {
    const net::OwnedDescriptor client(::accept(listens->get(), nullptr, nullptr));
    char asked[4096];
    EXPECT_GT(::read(client.get(), asked, sizeof asked), 0);
    const std::string line = to_line(Reply{.error = {}, .nodes = {node}});
    EXPECT_EQ(::send(client.get(), line.data(), line.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(line.size()));
  });
  const auto answer = ask(place, {.ask = "status", .node = {}}, 10'000);
  supervisor.join();
  std::filesystem::remove_all(place.directory);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->nodes.size(), 1u);
  EXPECT_EQ(answer->nodes[0].ended, node.ended);
}

}  // namespace
}  // namespace kt::lab
