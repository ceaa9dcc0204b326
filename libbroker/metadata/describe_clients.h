#pragma once
#include "libbroker/metadata/image.h"
#include "libbroker/wire/48_describe_client_quotas.h"
#include "libbroker/wire/50_describe_user_scram_credentials.h"

namespace kt::metadata {

/// The quotas of the entities that a filter means (KIP-546). An answer that refuses says why, in Kafka's
/// words: invalid_request, unsupported_version for a type of entity that Kafka does not have.
wire::DescribeClientQuotasResponse describe_client_quotas(const Image& image,
                                                          const wire::DescribeClientQuotasRequest& request);

/// Which users have SCRAM credentials, and with how many iterations (KIP-554); all that have some where none
/// is named. Errors, by user: resource_not_found, duplicate_resource.
wire::DescribeUserScramCredentialsResponse describe_scram_credentials(
    const Image& image, const wire::DescribeUserScramCredentialsRequest& request);

}  // namespace kt::metadata
