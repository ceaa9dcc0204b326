#include "libcli/config/addresses.h"

#include <gtest/gtest.h>

namespace kt::config {
namespace {

TEST(Address, IsHostAndPort) {
  EXPECT_EQ(parse_address("localhost:9092"), (Address{"localhost", 9092}));
  EXPECT_EQ(parse_address("[::1]:9092"), (Address{"::1", 9092}));
  EXPECT_EQ(parse_address("SASL_SSL://broker-1.example.com:443"), (Address{"broker-1.example.com", 443}));
  EXPECT_EQ(parse_address("fe80::1%eth0:9092"), (Address{"fe80::1%eth0", 9092}));
  for (const char* text :
       {"", "localhost", "localhost:", "localhost:x", "a b:1", "localhost:65536", "localhost:-1"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
}

TEST(Addresses, AreRefusedInTheClientsWords) {
  const auto message = [](std::string_view list) {
    return parse_addresses(list, "bootstrap.servers").error().message;
  };
  EXPECT_EQ(*parse_addresses("a:1, b:2,", "bootstrap.servers"), (std::vector<Address>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(message("a:1,b"), "Invalid url in bootstrap.servers: b");
  EXPECT_EQ(message("a:70000"), "Invalid port in bootstrap.servers: a:70000");
  EXPECT_EQ(message(" , "), "No resolvable bootstrap urls given in bootstrap.servers");
}

TEST(Addresses, OfSomeToolsAreCheckedForTheirShapeFirst) {
  EXPECT_EQ(refuse_address_list("a:1,b:2"), std::nullopt);
  EXPECT_EQ(refuse_address_list("a:99999"), std::nullopt);
  EXPECT_EQ(refuse_address_list(" "), "Error while validating the bootstrap address\n");
  for (const char* list : {"a", "a:1,b", ",", "a:1, b:2"}) {
    EXPECT_EQ(refuse_address_list(list), "Please provide valid host:port like host1:9091,host2:9092\n")
        << list;
  }
}

}  // namespace
}  // namespace kt::config
