# ow_room(name ROOMS lower... LINKS public... PRIVATE_LINKS private... EXCLUDE files...): the library
# `ow_<name>` of all sources in src/<name>. Rooms are given from the nearest to the lowest.
include_guard()

add_library(ow_flags INTERFACE)
target_compile_options(ow_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor
                       -Wold-style-cast -fno-omit-frame-pointer)
target_include_directories(ow_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(ow_flags INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                           BOOST_ASIO_NO_DEPRECATED BOOST_JSON_NO_LIB)
set(OW_SANITIZE "" CACHE STRING "Comma list for -fsanitize=, e.g. address,undefined")
if(OW_SANITIZE)
  target_compile_options(ow_flags INTERFACE -fsanitize=${OW_SANITIZE} -fno-sanitize-recover=all -g1)
  target_link_options(ow_flags INTERFACE -fsanitize=${OW_SANITIZE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(ow_flags INTERFACE -fuse-ld=lld)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header must not make every object a miss: its time stamps and macros do not count. Paths count
  # from the checkout, so that a second checkout finds what the first one compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

# The sanitized builds of the whole program compile several files of a room as one, which takes a quarter of the
# time. So names in anonymous namespaces differ within a room; app/commands, where each command has its own
# `list` and `show`, is compiled file by file.
option(OW_UNITY "Compile several files of a room as one" OFF)

function(ow_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;LINKS;PRIVATE_LINKS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  foreach(file ${ROOM_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/src/${name}/${file})
  endforeach()
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_room.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/empty_room.cpp)
  endif()
  add_library(ow_${name} STATIC ${sources})
  if(OW_UNITY)
    set_target_properties(ow_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    list(FILTER sources INCLUDE REGEX "/commands/")
    set_source_files_properties(${sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  list(TRANSFORM ROOM_ROOMS PREPEND ow_)
  target_link_libraries(ow_${name} PUBLIC ow_flags ${ROOM_ROOMS} ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
endfunction()
