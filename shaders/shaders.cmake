# Every shader and the colour maps, as C strings: gen/shaders.h.
file(GLOB shaders CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/*.vert ${CMAKE_CURRENT_SOURCE_DIR}/*.frag ${CMAKE_CURRENT_SOURCE_DIR}/*.comp)
set(farlook_shaders ${CMAKE_BINARY_DIR}/gen/shaders.h)
add_custom_command(OUTPUT ${farlook_shaders}
    COMMAND ${CMAKE_COMMAND} -DOUT=${farlook_shaders} -P ${CMAKE_CURRENT_SOURCE_DIR}/embed.cmake -- ${shaders}
    DEPENDS ${shaders} ${CMAKE_CURRENT_SOURCE_DIR}/embed.cmake VERBATIM)
set(farlook_shaders ${farlook_shaders} PARENT_SCOPE)
