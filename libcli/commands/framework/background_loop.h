#pragma once
#include <thread>

#include "libcli/commands/framework/session.h"

namespace kt::cli {

/// Turns a session's loop on a thread of its own for as long as it lives. Meanwhile the loop is reached by post() only.
class BackgroundLoop {
 public:
  explicit BackgroundLoop(Session& session) : session_(session), thread_([&session] { session.turn(); }) {}
  ~BackgroundLoop() {  // by way of the loop, which may not have begun to turn
    session_.loop().post([this] { session_.stop_turning(); });
  }

 private:
  Session& session_;
  std::jthread thread_;
};

}  // namespace kt::cli
