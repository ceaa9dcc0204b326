#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "libbroker/api/controller_client.h"
#include "libbroker/base/clock.h"
#include "libbroker/client/link.h"
#include "libbroker/node/controller_driver.h"
#include "libbroker/node/metadata_quorum.h"

namespace kt::node {

/// The way from this node to the active controller: the driver here, or a connection to the node that leads
/// the quorum. A client's request goes there in an Envelope, with the client's principal (KIP-590); while
/// nobody leads it waits, and when the connection or the leader is lost it is sent again; its answer is held
/// until this node has the metadata that it speaks of. This node's own requests go as they are, and whoever
/// makes them tries again. On the control loop, but for submit().
class ControllerRoute final : public api::ControllerClient {
 public:
  struct Options {
    int32_t node_id;
    std::string listener;        // the controllers'
    int64_t connect_timeout_ms;
    int64_t request_timeout_ms;  // request.timeout.ms
    int64_t client_patience_ms;  // how long a client's request is tried
    int64_t retry_backoff_ms = 20;
  };
  ControllerRoute(Loop& control, Net& net, Clock& clock, MetadataQuorum& quorum, ControllerDriver& local,
                  Options options);

  void submit(Loop& loop, api::ControllerRequest request, int16_t version, std::optional<api::Asker> asker,
              Then then) override;
  /// Who leads, or where, has changed.
  void on_leadership();
  /// Every loop of this node goes by the metadata before `end_offset`.
  void on_published(int64_t end_offset);
  /// Answers everything that waits.
  void stop();

 private:
  struct Request {
    Loop* loop;
    api::ControllerRequest request;
    int16_t version;
    std::optional<api::Asker> asker;
    int64_t give_up_at_ms;
    Then then;
  };
  using Pending = std::shared_ptr<Request>;

  void route(Pending pending);
  void send(client::Link& link, Pending pending);
  template <class R>
  void send_plain(client::Link& link, const R& request, Pending pending);
  template <class R>
  void send_enveloped(client::Link& link, const R& request, Pending pending);
  void on_answer(Pending pending, Result<api::ControllerReply> reply);
  void try_again(Pending pending, Error why);
  void flush_waiting();
  /// An answer that this node has yet to publish the metadata of.
  struct Held {
    Pending pending;
    api::ControllerReply reply;
    int64_t until_ms;  // it is given then in any case
  };
  void hold(Held held);
  void hold_until(int64_t end_offset, Held held);
  std::optional<Endpoint> leader_at() const;
  client::Link& link_to(const Endpoint& at);
  static void deliver(const Pending& pending, Result<api::ControllerReply> reply);

  Loop& control_;
  Clock& clock_;
  MetadataQuorum& quorum_;
  ControllerDriver& local_;
  const Options options_;
  client::LinkServices services_;
  std::map<Endpoint, std::unique_ptr<client::Link>> links_;
  client::Link* leader_link_ = nullptr;  // the last one that a request was sent to
  std::list<Pending> waiting_;           // for a leader
  Timers::Id retry_timer_ = 0;
  std::multimap<int64_t, Held> held_;  // by the offset that has to be published first
  int64_t published_end_offset_ = 0;
  bool is_stopped_ = false;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace kt::node
