# Libraries from Debian 12, by package: see scripts/install-packages.
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_library(LZ4 lz4 REQUIRED)
find_library(ZSTD zstd REQUIRED)
find_library(SNAPPY snappy REQUIRED)

add_library(kt_codecs INTERFACE)
target_link_libraries(kt_codecs INTERFACE ZLIB::ZLIB ${LZ4} ${ZSTD} ${SNAPPY})

add_library(kt_asio INTERFACE)
target_link_libraries(kt_asio INTERFACE Boost::boost Threads::Threads)
target_compile_definitions(kt_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ERROR_CODE_HEADER_ONLY)
if(KT_SANITIZE MATCHES thread)  # g++ refuses the fences that TSan cannot model; kt relies on none of them
  target_compile_definitions(kt_asio INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
