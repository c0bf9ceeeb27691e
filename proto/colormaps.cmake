# colormaps.json as rows of a C array: gen/colormap_rows.h, which colormap.c includes.
# Included by the root, it adds the rule; run with -P and OUT, it writes the file.
if(NOT CMAKE_SCRIPT_MODE_FILE)
    set(farlook_colormaps ${CMAKE_BINARY_DIR}/gen/colormap_rows.h)
    add_custom_command(OUTPUT ${farlook_colormaps}
        COMMAND ${CMAKE_COMMAND} -DOUT=${farlook_colormaps} -P ${CMAKE_CURRENT_LIST_FILE}
        DEPENDS ${CMAKE_CURRENT_LIST_DIR}/colormaps.json ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
    return()
endif()

cmake_minimum_required(VERSION 3.25)
file(READ ${CMAKE_CURRENT_LIST_DIR}/colormaps.json json)
string(JSON count LENGTH ${json})
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
    string(JSON name MEMBER ${json} ${i})
    string(JSON hex GET ${json} ${name})
    string(LENGTH "${hex}" length)
    if(NOT length EQUAL 1536 OR hex MATCHES "[^0-9a-f]")
        message(FATAL_ERROR "colormaps.json: \"${name}\" is not 1536 lower-case hex digits")
    endif()
    string(TOUPPER ${name} constant)
    string(REGEX REPLACE "(..)" "0x\\1," bytes ${hex})
    string(APPEND rows "[FL_COLORMAP_${constant}] = {${bytes}},\n")
endforeach()
file(WRITE ${OUT} "${rows}")
