# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` lays out, and the Debian package of it (target `package`). Programs find the rest by their own
# place: <prefix>/bin, then ../lib/orrery/plugins, ../share/orrery/examples and ../lib/cmake/Orrery; no path is compiled in.

set(kInstalledPrograms orrery orreryctl orreryd orrery-worker)
set(kInstalledPlugins "")
file(GLOB folders RELATIVE ${PROJECT_SOURCE_DIR}/plugins CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/plugins/*/CMakeLists.txt)
foreach(list IN LISTS folders)
  get_filename_component(name ${list} DIRECTORY)
  if(TARGET orrery_plugin_${name})
    list(APPEND kInstalledPlugins orrery_plugin_${name})
  endif()
endforeach()

foreach(program IN LISTS kInstalledPrograms)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION bin)
  endif()
endforeach()
install(TARGETS ${kInstalledPlugins} LIBRARY DESTINATION lib/orrery/plugins
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ) # opened, never started
install(DIRECTORY ${PROJECT_SOURCE_DIR}/resources/examples/ DESTINATION share/orrery/examples FILES_MATCHING PATTERN "*.orrery")
install(PROGRAMS ${PROJECT_SOURCE_DIR}/resources/examples/census_input.sh DESTINATION share/orrery/examples)

# ---- what a task library is built against; plugins/sdk/OrreryConfig.cmake finds the headers from where it lies ----
install(DIRECTORY ${PROJECT_SOURCE_DIR}/plugins/sdk/ DESTINATION include/orrery/plugins/sdk FILES_MATCHING PATTERN "*.h" PATTERN testing EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/plugins/sdk/OrreryConfig.cmake DESTINATION lib/cmake/Orrery)
# Programs of the build tree find it beside their folder.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/cmake/OrreryConfig.cmake CONTENT "include(\"${PROJECT_SOURCE_DIR}/plugins/sdk/OrreryConfig.cmake\")\n")

# ---- the desktop: the package's triggers tell the databases of icons, types and menus, so there is no script ----
set(desktop ${PROJECT_SOURCE_DIR}/resources/desktop)
if(TARGET orrery)
  install(FILES ${desktop}/orrery.desktop DESTINATION share/applications)
  install(FILES ${desktop}/orrery.xml DESTINATION share/mime/packages)
  install(FILES ${desktop}/orrery.svg DESTINATION share/icons/hicolor/scalable/apps)
  install(FILES ${desktop}/application-vnd.orrery.graph+json.svg DESTINATION share/icons/hicolor/scalable/mimetypes)
endif()
# Texts that Debian wants packed: manual pages, what changed for people, and the package's own history.
configure_file(installer/changelog.in ${CMAKE_BINARY_DIR}/package/changelog.Debian @ONLY)
set(texts "")
function(orrery_text FROM TO FOLDER)
  set(packed ${CMAKE_BINARY_DIR}/package/${TO}.gz)
  add_custom_command(OUTPUT ${packed} COMMAND gzip -9nc ${FROM} > ${packed} DEPENDS ${FROM} VERBATIM)
  list(APPEND texts ${packed})
  set(texts ${texts} PARENT_SCOPE)
  install(FILES ${packed} DESTINATION ${FOLDER})
endfunction()
orrery_text(${CMAKE_BINARY_DIR}/package/changelog.Debian changelog.Debian share/doc/orrery)
orrery_text(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog share/doc/orrery)
foreach(program IN LISTS kInstalledPrograms)
  if(TARGET ${program})
    orrery_text(${PROJECT_SOURCE_DIR}/installer/${program}.1 ${program}.1 share/man/man1)
  endif()
endforeach()
install(FILES installer/copyright DESTINATION share/doc/orrery)
add_custom_target(package_texts DEPENDS ${texts})
add_dependencies(programs package_texts)

# ---- the package ----
set(CMAKE_SKIP_PACKAGE_ALL_DEPENDENCY ON) # tests are not packed, so they need not be built
set(CPACK_INSTALL_COMMANDS "\"${CMAKE_COMMAND}\" --build \"${CMAKE_BINARY_DIR}\" --target programs")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/installer/package_tools.cmake)
set(CPACK_PACKAGE_NAME orrery)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "desktop workbench for clusters, and their distributed runtime")
set(CPACK_PACKAGE_DESCRIPTION "Draw a graph of tasks, run it on real processes, and watch every one of them:\non the canvas, on the timeline, in the table of objects, in the plots.\nWorkers and nodes may die meanwhile; what was lost is made again.\n.\nThe package holds the window, the command line, the daemon, task libraries\nwith examples, and the headers that libraries of one's own are built against.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "Orrery contributors <contributors@orrery.example>")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++, cmake, ninja-build | make, nlohmann-json3-dev, xdg-utils") # `orreryctl plugin new`; opening files
set(CPACK_DEBIAN_PACKAGE_SUGGESTS qt6-wayland)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
