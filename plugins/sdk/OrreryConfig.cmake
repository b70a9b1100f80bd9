# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# find_package(Orrery): orrery_plugin(NAME SOURCES ...) makes NAME.so, a task library. The same file serves installed, where it
# lies in <prefix>/lib/cmake/Orrery, and in the tree; it finds the headers from where it lies.
get_filename_component(here "${CMAKE_CURRENT_LIST_DIR}" REALPATH)
set(Orrery_INCLUDE_DIR "")
foreach(folder "${here}/../.." "${here}/../../../include/orrery")
  if(EXISTS "${folder}/plugins/sdk/orrery.h")
    get_filename_component(Orrery_INCLUDE_DIR "${folder}" ABSOLUTE)
    break()
  endif()
endforeach()
if(NOT Orrery_INCLUDE_DIR)
  set(Orrery_FOUND FALSE)
  set(Orrery_NOT_FOUND_MESSAGE "the headers of Orrery's SDK are neither above ${here} nor in its include/orrery; install Orrery again")
  return()
endif()
find_package(nlohmann_json 3.11 QUIET)
if(NOT nlohmann_json_FOUND)
  set(Orrery_FOUND FALSE)
  set(Orrery_NOT_FOUND_MESSAGE "nlohmann_json is missing, which the SDK's headers use; install nlohmann-json3-dev")
  return()
endif()

function(orrery_plugin NAME)
  cmake_parse_arguments(P "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${NAME} MODULE ${P_SOURCES})
  # Hidden, and no symbol that is one in the whole process: two builds of a library may be open in one worker.
  set_target_properties(${NAME} PROPERTIES PREFIX "" OUTPUT_NAME ${NAME} CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_compile_options(${NAME} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  target_include_directories(${NAME} SYSTEM PRIVATE ${Orrery_INCLUDE_DIR})
  target_link_libraries(${NAME} PRIVATE nlohmann_json::nlohmann_json ${P_LIBS})
endfunction()
