# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# Read by CPack before it begins: what finds the libraries that the package needs is no part of what builds Orrery.
find_program(ORRERY_SHLIBDEPS dpkg-shlibdeps)
find_program(ORRERY_FILE file)
if(NOT ORRERY_SHLIBDEPS OR NOT ORRERY_FILE)
  message(FATAL_ERROR "The package cannot be made: dpkg-shlibdeps or file is missing here; apt install dpkg-dev file, then try again.")
endif()
