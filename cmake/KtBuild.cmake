# How every library of the house is built: one function for libbroker, one for libcli, one for tests.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12.1)
  add_link_options(-fuse-ld=mold)
endif()

add_library(kt_flags INTERFACE)
# g++ 12 sees uninitialized members in moved optionals and variants, under sanitizers and at -O2.
target_compile_options(kt_flags INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
target_compile_options(kt_flags INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>)  # g++ 12: PR105651, false for string + string
target_compile_options(kt_flags INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)  # libstdc++ 12's stable_sort
target_include_directories(kt_flags INTERFACE ${CMAKE_SOURCE_DIR})
if(KT_SANITIZE)
  target_compile_options(kt_flags INTERFACE -fsanitize=${KT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(kt_flags INTERFACE -fsanitize=${KT_SANITIZE})
endif()

# kt_unity(NAME SOURCE...): the sources are compiled several at a time, which is a third of the work. For builds that are
# made once and not worked with (KT_UNITY): releases, sanitizers, what scripts/test makes from nothing.
function(kt_unity name)
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/cmake/unity-groups ${ARGN} OUTPUT_VARIABLE groups COMMAND_ERROR_IS_FATAL ANY)
  cmake_language(EVAL CODE "${groups}")
  set(before "")
  set(after "")
  foreach(each IN LISTS told_apart)
    string(APPEND before "#define ${each} KT_JOIN(${each}_of_, KT_UNITY_FILE)\n")
    string(APPEND after "#undef ${each}\n")
  endforeach()
  if(told_apart)
    string(PREPEND before "#define KT_JOIN_NOW(left, right) left##right\n#define KT_JOIN(left, right) KT_JOIN_NOW(left, right)\n")
  endif()
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP UNITY_BUILD_UNIQUE_ID KT_UNITY_FILE
                        UNITY_BUILD_CODE_BEFORE_INCLUDE "${before}" UNITY_BUILD_CODE_AFTER_INCLUDE "${after}")
endfunction()

# kt_folder_library(NAME FOLDER DEPENDENCY...): everything in FOLDER and its subfolders is one static library, but for
# those subfolders that are libraries of their own (kt_own_library FOLDER).
function(kt_own_library folder)
  set_property(GLOBAL APPEND PROPERTY kt_own_libraries ${folder})
endfunction()

function(kt_folder_library name folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.h)
  get_property(own_libraries GLOBAL PROPERTY kt_own_libraries)
  foreach(own IN LISTS own_libraries)
    if(NOT own STREQUAL folder)
      list(FILTER sources EXCLUDE REGEX "^${CMAKE_SOURCE_DIR}/${own}/")
      list(FILTER headers EXCLUDE REGEX "^${CMAKE_SOURCE_DIR}/${own}/")
    endif()
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC kt_flags ${ARGN})
    if(KT_UNITY)
      kt_unity(${name} ${sources})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE kt_flags ${ARGN})
  endif()
  # A header compiles alone: that of x.cc does so in x.cc, which includes it first (scripts/check-layers); the others are
  # compiled by the target all_verify_interface_header_sets, which is no part of a build of everything.
  foreach(source ${sources})
    string(REGEX REPLACE "cc$" "h" own ${source})
    list(REMOVE_ITEM headers ${own})
  endforeach()
  if(headers)
    target_sources(${name} INTERFACE FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${headers})
    set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
endfunction()

function(kt_library name)
  kt_folder_library(kt_${name} libbroker/${name} ${ARGN})
endfunction()

function(kt_cli_library name)
  kt_folder_library(kt_cli_${name} libcli/${name} ${ARGN})
endfunction()

# kt_unit_tests(FOLDER LIBRARY...): tests/unit/FOLDER/*_test.cc as one program, each test known to ctest.
function(kt_unit_tests folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${folder}/*.cc)
  if(sources)
    add_executable(${folder}_tests ${sources})
    target_link_libraries(${folder}_tests PRIVATE kt_flags kt_test_support ${ARGN} GTest::gtest_main GTest::gmock)
    if(KT_UNITY)
      kt_unity(${folder}_tests ${sources})
    endif()
    gtest_discover_tests(${folder}_tests TEST_PREFIX ${folder}/ DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300)
  endif()
endfunction()
