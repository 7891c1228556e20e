# A release by gcc is built twice: first with counters, in <build>/training, which a run over generated snapshots fills;
# then with what they say of which way branches mostly go. That saves about a twelfth of the time. It is done once a build
# folder, when it is configured: remove <build>/profile to do it again. -DRDBMETER_TRAIN=OFF does without.
option(RDBMETER_TRAIN "Release by gcc: optimise by what a run over generated snapshots showed" ON)
option(RDBMETER_TRAINING "The build with counters; for training.cmake's own use" OFF)

if(RDBMETER_TRAINING)
  add_compile_options(-fprofile-generate -fprofile-update=single) # no run has threads
  add_link_options(-fprofile-generate)
  return()
endif()
if(NOT RDBMETER_TRAIN OR NOT CMAKE_BUILD_TYPE STREQUAL "Release" OR NOT CMAKE_C_COMPILER_ID STREQUAL "GNU" OR
   RDBMETER_SANITIZE OR CMAKE_CROSSCOMPILING)
  return()
endif()

include(CheckCCompilerFlag)

set(training ${PROJECT_BINARY_DIR}/training)
set(profile ${PROJECT_BINARY_DIR}/profile)

# Runs a command of the training; what it prints is for when it fails.
function(training_step what)
  if(training_failed)
    return()
  endif()
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output
    WORKING_DIRECTORY ${training})
  if(NOT status EQUAL 0)
    message(WARNING "No training: ${what} failed\n${output}")
    set(training_failed TRUE PARENT_SCOPE)
  endif()
endfunction()

# gcc looks for the counters of an object of this build under the object's whole path, with '#' for '/'.
function(collect_profile)
  file(GLOB_RECURSE counters RELATIVE ${training} ${training}/*.gcda)
  foreach(file IN LISTS counters)
    string(REPLACE "/" "#" name "${PROJECT_BINARY_DIR}/${file}")
    configure_file(${training}/${file} ${profile}/${name} COPYONLY)
  endforeach()
endfunction()

if(NOT EXISTS ${profile}/complete)
  message(STATUS "Training: building with counters and running over a generated snapshot")
  set(training_failed FALSE)
  file(MAKE_DIRECTORY ${training})
  training_step("configuring" ${CMAKE_COMMAND} -S ${PROJECT_SOURCE_DIR} -B ${training} -G ${CMAKE_GENERATOR}
    -DCMAKE_MAKE_PROGRAM=${CMAKE_MAKE_PROGRAM} -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} "-DCMAKE_C_FLAGS=${CMAKE_C_FLAGS}"
    -DCMAKE_BUILD_TYPE=Release -DRDBMETER_TESTS=OFF -DRDBMETER_TRAINING=ON)
  training_step("building" ${CMAKE_COMMAND} --build ${training} --target rdbmeter rdbgen)
  # So many keys of each mix that it takes about as long as the others.
  foreach(mix mixed:60000 tiny:60000 listpacks:600 lzf:4000 tables:64)
    string(REPLACE ":" ";" mix ${mix})
    list(POP_FRONT mix name keys)
    training_step("generating" ${training}/rdbgen --mix ${name} --keys ${keys} -o ${name}.rdb)
    foreach(command "report;--jobs;1" "keys;--jobs;1" "upgrade;--jobs;1" verify) # threads would make the counters a matter of chance
      training_step("running" ${training}/rdbmeter ${command} ${name}.rdb)
    endforeach()
  endforeach()
  if(NOT training_failed)
    collect_profile()
    file(TOUCH ${profile}/complete)
  endif()
endif()
if(EXISTS ${profile}/complete)
  # gcc takes what all together makes up the last hundredth of the counts for cold and builds it small. Here that is a
  # good part of what a hash or a list passes: the work of a key is spread over hundreds of places.
  set(by_profile -fprofile-use=${profile} -fprofile-partial-training -fprofile-correction
    --param=hot-bb-count-ws-permille=999)
  # Structures of a hundred bytes are cleared and copied for each key. gcc does that with `rep`, which takes longer to
  # begin than a loop to end.
  set(loops vector_loop:512:noalign,libcall:-1:noalign)
  check_c_compiler_flag(-mmemset-strategy=${loops} has_string_strategies)
  if(has_string_strategies)
    list(APPEND by_profile -mmemset-strategy=${loops} -mmemcpy-strategy=${loops})
  endif()
  add_compile_options(${by_profile} -Wno-missing-profile -Wno-coverage-mismatch)
  add_link_options(${by_profile}) # the code is made there
endif()
