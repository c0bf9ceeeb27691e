# The page, bundled by esbuild and made into C: gen/assets.c (struct fl_asset of server/net/assets.h). Included by the root.
set(farlook_assets ${CMAKE_BINARY_DIR}/gen/assets.c)
if(FARLOOK_WEB)
    find_program(NODE node REQUIRED)
    find_program(NPM npm REQUIRED)
    set(web ${CMAKE_CURRENT_LIST_DIR})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
        ${web}/src/*.ts ${web}/src/*.html ${web}/src/*.css ${web}/src/*.svg)
    add_custom_command(OUTPUT ${web}/node_modules/.package-lock.json
        COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error
        DEPENDS ${web}/package.json ${web}/package-lock.json WORKING_DIRECTORY ${web} VERBATIM)
    add_custom_command(OUTPUT ${farlook_assets}
        COMMAND ${NODE} ${web}/build.mjs ${CMAKE_BINARY_DIR}/web ${farlook_assets}
        DEPENDS ${sources} ${web}/build.mjs ${web}/node_modules/.package-lock.json
            ${CMAKE_SOURCE_DIR}/proto/colormaps.json
        WORKING_DIRECTORY ${web} VERBATIM)
else()
    file(WRITE ${farlook_assets} "#include \"server/net/assets.h\"\n\nconst struct fl_asset fl_assets[] = {{0}};\nconst size_t fl_n_assets = 0;\n")
endif()
