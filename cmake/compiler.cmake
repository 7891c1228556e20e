# Warnings, sanitizers and link-time optimisation, for every target alike.
add_library(rdbmeter_compile INTERFACE)
target_compile_definitions(rdbmeter_compile INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_compile_options(rdbmeter_compile INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla
  -Wno-missing-field-initializers)
option(RDBMETER_WERROR "Treat warnings as errors" OFF)
if(RDBMETER_WERROR)
  target_compile_options(rdbmeter_compile INTERFACE -Werror)
endif()

if(RDBMETER_SANITIZE)
  target_compile_options(rdbmeter_compile INTERFACE -fsanitize=${RDBMETER_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(rdbmeter_compile INTERFACE -fsanitize=${RDBMETER_SANITIZE})
endif()
if(RDBMETER_FUZZ)
  target_compile_options(rdbmeter_compile INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT RDBMETER_SANITIZE AND NOT RDBMETER_TRAINING)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT RDBMETER_IPO LANGUAGES C)
  if(RDBMETER_IPO)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    # Libraries keep ordinary code beside gcc's own form, so that tests link in no time (tests/CMakeLists.txt).
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
      add_compile_options(-ffat-lto-objects)
    endif()
  endif()
endif()
