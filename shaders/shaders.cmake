# Every shader as a C string: gen/shaders.h. Included by the root.
file(GLOB shaders CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_LIST_DIR}/*.vert ${CMAKE_CURRENT_LIST_DIR}/*.frag ${CMAKE_CURRENT_LIST_DIR}/*.comp)
set(farlook_shaders ${CMAKE_BINARY_DIR}/gen/shaders.h)
add_custom_command(OUTPUT ${farlook_shaders}
    COMMAND ${CMAKE_COMMAND} -DOUT=${farlook_shaders} -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake -- ${shaders}
    DEPENDS ${shaders} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake VERBATIM)
