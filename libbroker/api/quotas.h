#pragma once
#include <cstdint>
#include <string_view>

namespace kt::api {

/// What is counted against somebody's share (Kafka's QuotaType): bytes of Produce requests, bytes of Fetch
/// answers.
enum class QuotaKind : uint8_t { produce_bytes, fetch_bytes };

/// How much of the broker each may use. One for the whole broker; called on any loop.
class Quotas {
 public:
  virtual ~Quotas() = default;
  /// Counts `amount`; returns for how many ms its sender is to be kept waiting, 0 when it is within its
  /// share.
  virtual int32_t charge(std::string_view principal, std::string_view client_id, QuotaKind kind,
                         int64_t amount) = 0;
  /// Takes back what was charged and then not sent.
  virtual void give_back(std::string_view principal, std::string_view client_id, QuotaKind kind,
                         int64_t amount) = 0;
};

/// The broker without quotas: nobody waits.
class NoQuotas final : public Quotas {
 public:
  int32_t charge(std::string_view, std::string_view, QuotaKind, int64_t) override { return 0; }
  void give_back(std::string_view, std::string_view, QuotaKind, int64_t) override {}
};

}  // namespace kt::api
