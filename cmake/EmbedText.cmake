# ow_embed_text(room symbol file): compiles the text of src/<room>/<file> in as
# `std::string_view ow::<room>::<symbol>()`. The file stays the only source: a change of it configures anew.
include_guard()

function(ow_embed_text room symbol file)
  set(source ${CMAKE_SOURCE_DIR}/src/${room}/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  set(made ${CMAKE_BINARY_DIR}/embedded/${room}_${symbol}.cpp)
  file(CONFIGURE OUTPUT ${made} @ONLY CONTENT
"// Made from src/${room}/${file}.
#include <string_view>

namespace ow::${room} {
std::string_view ${symbol}();
std::string_view ${symbol}() { return R\"embedded(@text@)embedded\"; }
}  // namespace ow::${room}
")
  target_sources(ow_${room} PRIVATE ${made})
endfunction()
