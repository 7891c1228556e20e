# cmake --install and the .deb: program, library with header and pkg-config file, man page, completions.
include(GNUInstallDirs)
# From the file's own place, so that it is right wherever it is installed to, also from the package.
file(RELATIVE_PATH RDBPARSE_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/rdbparse.pc.in ${PROJECT_BINARY_DIR}/rdbparse.pc @ONLY)

install(TARGETS rdbmeter RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# With link-time optimisation gcc would leave only its own intermediate code in the archive.
target_compile_options(rdbparse PRIVATE $<$<C_COMPILER_ID:GNU>:-ffat-lto-objects>)
install(TARGETS rdbparse ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_SOURCE_DIR}/rdbparse/rdbparse.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_BINARY_DIR}/rdbparse.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_BINARY_DIR}/manual/rdbmeter.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_BINARY_DIR}/manual/rdbmeter.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME rdbmeter)
install(FILES ${PROJECT_BINARY_DIR}/manual/_rdbmeter DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${PROJECT_BINARY_DIR}/manual/rdbmeter.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/rdbmeter RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rdbmeter)
set(CPACK_PACKAGE_CONTACT "the rdbmeter authors <rdbmeter@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "what every key in a Redis or Valkey snapshot costs in memory")
set(CPACK_PACKAGE_DESCRIPTION "rdbmeter reads an RDB file as a stream, rebuilds what the server's allocator would hold for each key,
and reports where the memory goes and what other settings would save. It needs no server.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
