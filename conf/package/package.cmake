# "cmake --build … --target package" makes enroll_*.deb and enroll-sandbox_*.deb. What a file is here, it is there: nothing is
# built for the package alone but the manual page, the pages' stylesheet and the compressed papers.
set(PACKAGE ${CMAKE_CURRENT_SOURCE_DIR}/conf/package)
set(MADE ${CMAKE_BINARY_DIR}/package)
file(STRINGS /etc/os-release RELEASE REGEX "^VERSION_ID=")
string(REGEX REPLACE "[^0-9]" "" RELEASE "${RELEASE}")
# A later Debian's build is a later version, so that an upgrade of the system takes it.
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION}+deb${RELEASE})

set(HTML ${CMAKE_CURRENT_SOURCE_DIR}/nginx)
add_custom_command(OUTPUT ${MADE}/weui.min.css
  COMMAND ${CMAKE_COMMAND} -E make_directory ${MADE}/npm
  COMMAND ${CMAKE_COMMAND} -E copy ${HTML}/package.json ${HTML}/package-lock.json ${MADE}/npm
  COMMAND npm ci --prefix ${MADE}/npm --no-audit --no-fund --ignore-scripts --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E copy ${MADE}/npm/node_modules/weui/dist/style/weui.min.css ${MADE}/weui.min.css
  DEPENDS ${HTML}/package.json ${HTML}/package-lock.json VERBATIM)
add_custom_command(OUTPUT ${MADE}/enrollctl.1.gz
  COMMAND sh -c "\"$1\" \"$2\" \"$3\" | gzip -9n >\"$4\"" - ${PACKAGE}/manpage $<TARGET_FILE:enrollctl> ${PROJECT_VERSION} ${MADE}/enrollctl.1.gz
  DEPENDS enrollctl ${PACKAGE}/manpage VERBATIM)
foreach(package enroll enroll-sandbox)
  add_custom_command(OUTPUT ${MADE}/${package}/changelog.gz
    COMMAND ${CMAKE_COMMAND} -E make_directory ${MADE}/${package}
    COMMAND sh -c "sed \"s/@PACKAGE@/$1/; s/@VERSION@/$2/\" \"$3\" | gzip -9n >\"$4\"" - ${package} ${CPACK_PACKAGE_VERSION}
      ${PACKAGE}/changelog.in ${MADE}/${package}/changelog.gz
    DEPENDS ${PACKAGE}/changelog.in VERBATIM)
endforeach()
# Only a package needs these, and the stylesheet the network: made when it is put together.
add_custom_target(papers DEPENDS
  ${MADE}/weui.min.css ${MADE}/enrollctl.1.gz ${MADE}/enroll/changelog.gz ${MADE}/enroll-sandbox/changelog.gz)

# Where systemd, nginx and the manual look is not the builder's choice.
set(UNITS lib/systemd/system)
file(GLOB UNIT_FILES CONFIGURE_DEPENDS conf/systemd/*.service conf/systemd/*.socket conf/systemd/*.timer conf/systemd/*.target)
file(GLOB SANDBOX_UNITS CONFIGURE_DEPENDS conf/systemd/enroll-sandbox.*)
list(REMOVE_ITEM UNIT_FILES ${SANDBOX_UNITS})
file(GLOB OPERATOR_SCRIPTS CONFIGURE_DEPENDS conf/operator/*)
list(FILTER OPERATOR_SCRIPTS EXCLUDE REGEX "\\.(bash|md)$")
file(GLOB OPERATOR_SHARED CONFIGURE_DEPENDS conf/operator/*.bash)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME enroll)
install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" --build \"${CMAKE_BINARY_DIR}\" --target papers COMMAND_ERROR_IS_FATAL ANY)")
install(TARGETS register session wechat recover bind license enroll content courier DESTINATION lib/enroll)
install(TARGETS enrollctl DESTINATION bin)
install(PROGRAMS conf/package/backup ${OPERATOR_SCRIPTS} DESTINATION lib/enroll)
install(FILES ${OPERATOR_SHARED} DESTINATION lib/enroll)
install(DIRECTORY sql/migrations sql/doors sql/views DESTINATION share/enroll/sql FILES_MATCHING PATTERN "*.sql")
install(DIRECTORY nginx/html DESTINATION share/enroll PATTERN README.md EXCLUDE PATTERN sandbox EXCLUDE)
install(FILES ${MADE}/weui.min.css DESTINATION share/enroll/html/assets)
file(GLOB NGINX_FILES CONFIGURE_DEPENDS nginx/*.conf nginx/*.in)
install(FILES ${NGINX_FILES} DESTINATION share/enroll/nginx)
install(FILES conf/enroll.conf.example DESTINATION share/enroll/conf)
install(DIRECTORY conf/sample DESTINATION share/enroll/conf PATTERN README.md EXCLUDE)
install(FILES ${UNIT_FILES} DESTINATION ${UNITS})
install(DIRECTORY conf/systemd/enroll-.service.d conf/systemd/nginx.service.d DESTINATION ${UNITS})
install(FILES conf/package/sysusers.conf DESTINATION lib/sysusers.d RENAME enroll.conf)
install(FILES conf/package/tmpfiles.conf DESTINATION lib/tmpfiles.d RENAME enroll.conf)
install(FILES conf/package/completion.bash DESTINATION share/bash-completion/completions RENAME enrollctl)
install(FILES ${MADE}/enrollctl.1.gz DESTINATION share/man/man1)
install(FILES conf/README.md conf/IT.md conf/DBA.md conf/openapi.yaml DESTINATION share/doc/enroll)
install(FILES conf/enroll.conf.example DESTINATION share/doc/enroll/examples RENAME enroll.conf)
install(FILES conf/answers.example DESTINATION share/doc/enroll/examples)
install(FILES conf/package/minimal.conf DESTINATION share/doc/enroll/examples RENAME enroll-minimal.conf)
install(DIRECTORY conf/monitoring DESTINATION share/doc/enroll/examples OPTIONAL)
install(FILES conf/package/copyright ${MADE}/enroll/changelog.gz DESTINATION share/doc/enroll)
install(FILES conf/package/lintian DESTINATION share/lintian/overrides RENAME enroll)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME sandbox)
install(TARGETS sandbox DESTINATION lib/enroll)
install(DIRECTORY sql/sandbox DESTINATION share/enroll/sql FILES_MATCHING PATTERN "*.sql")
install(DIRECTORY nginx/html/sandbox DESTINATION share/enroll/html)
install(FILES ${SANDBOX_UNITS} DESTINATION ${UNITS})
install(DIRECTORY conf/systemd/enroll.target.d DESTINATION ${UNITS})
install(FILES conf/package/sysusers-sandbox.conf DESTINATION lib/sysusers.d RENAME enroll-sandbox.conf)
install(FILES conf/package/copyright ${MADE}/enroll-sandbox/changelog.gz DESTINATION share/doc/enroll-sandbox)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME enroll)
set(CPACK_PACKAGE_CONTACT "The authors of the enrolment platform <it@enroll.example.gov.cn>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_OUTPUT_FILE_PREFIX ${CMAKE_BINARY_DIR})
set(CPACK_COMPONENTS_ALL enroll sandbox)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_ENROLL_PACKAGE_NAME enroll)
set(CPACK_DEBIAN_ENROLL_PACKAGE_SECTION web)
set(CPACK_COMPONENT_ENROLL_DESCRIPTION "enrolment platform of a school district
Parents register, bind their child through the province's digital space, sign
the electronic-license authorization and apply for first grade, from their
phone. FastCGI executables behind nginx, on PostgreSQL.")
set(CPACK_DEBIAN_ENROLL_PACKAGE_DEPENDS
  "systemd (>= 252), nginx (>= 1.22), postgresql-client, openssl, curl, ca-certificates, tzdata")
set(CPACK_DEBIAN_ENROLL_PACKAGE_RECOMMENDS "postgresql (>= 15)")
set(CPACK_DEBIAN_ENROLL_PACKAGE_SUGGESTS "bash-completion, prometheus")
set(CPACK_DEBIAN_ENROLL_PACKAGE_CONTROL_EXTRA "${MADE}/control/postinst;${MADE}/control/prerm;${MADE}/control/postrm")
set(CPACK_DEBIAN_SANDBOX_PACKAGE_NAME enroll-sandbox)
set(CPACK_DEBIAN_SANDBOX_PACKAGE_SECTION web)
set(CPACK_COMPONENT_SANDBOX_DESCRIPTION "stand-in for WeChat and the province, for enroll
For demonstrations and tests of the enrolment platform, with made-up people.
It refuses to start where the configuration says that this is a real district.")
set(CPACK_DEBIAN_SANDBOX_PACKAGE_DEPENDS "enroll (= ${CPACK_PACKAGE_VERSION})")
set(CPACK_DEBIAN_SANDBOX_PACKAGE_CONTROL_EXTRA
  "${MADE}/control-sandbox/postinst;${MADE}/control-sandbox/prerm;${MADE}/control-sandbox/postrm")
foreach(script postinst prerm postrm)
  configure_file(${PACKAGE}/${script} ${MADE}/control/${script} COPYONLY)
  configure_file(${PACKAGE}/${script}-sandbox ${MADE}/control-sandbox/${script} COPYONLY)
endforeach()
include(CPack)
