# Shell functions that start, test and dev share: packages, build folders, progress. Sourced, never run.

root_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() { printf '%s\n' "$1" >&2; exit "${2:-1}"; }

# need_packages LIST...: installs what the named lists (deploy/packages/LIST.txt) miss. Nothing is asked of
# the network when all are there.
need_packages() {
  local list names=()
  for list in "$@"; do mapfile -t -O "${#names[@]}" names < <(grep -v '^$' "$root_dir/deploy/packages/$list.txt"); done
  need_package_names "${names[@]}"
}

# need_package_names PACKAGE...
need_package_names() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local line="apt-get install -y --no-install-recommends ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      die "Some Debian packages are missing. Please run, then try again: sudo sh -c 'apt-get update && $line'" 2
    fi
  fi
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -q >/dev/null || die "apt-get update failed: these packages are missing and cannot be fetched: ${missing[*]}" 2
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}" 2
}

# need_node FOLDER...: the packages that each folder's package-lock.json names. Nothing is asked of the network
# when they are there as the lock file wants them.
need_node() {
  command -v npm >/dev/null || need_package_names npm
  local folder
  for folder in "$@"; do
    cmp -s "$root_dir/$folder/package-lock.json" "$root_dir/$folder/node_modules/.installed-lock" && continue
    say "Installing the npm packages of $folder"
    (cd "$root_dir/$folder" && npm ci --no-audit --no-fund --silent) || die "npm could not install the packages of $folder." 2
    cp "$root_dir/$folder/package-lock.json" "$root_dir/$folder/node_modules/.installed-lock"
  done
}

# configure FOLDER TYPE [cmake options...]: a build folder below build/.
configure() {
  local folder=$1 type=$2
  shift 2
  cmake -S "$root_dir" -B "$root_dir/build/$folder" -G Ninja -DCMAKE_BUILD_TYPE="$type" \
    -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 "$@" >"$root_dir/build/$folder.configure.log" 2>&1 ||
    { cat "$root_dir/build/$folder.configure.log" >&2; die "cmake could not configure build/$folder."; }
}

# sources: the C++ files of the repository, a path a line.
sources() {
  (cd "$root_dir" && find bench sim src tests -name node_modules -prune -o \( -name '*.cpp' -o -name '*.h' \) -print)
}

build_targets() {
  local folder=$1
  shift
  cmake --build "$root_dir/build/$folder" --target "$@" || die "The build of build/$folder failed."
}

# build_release [cmake options...]: the release binary, at build/orderwright.
build_release() {
  mkdir -p "$root_dir/build"
  say "Building the release binary (the first time takes a few minutes)"
  configure release Release "$@"
  build_targets release orderwright
  ln -sfn release/orderwright "$root_dir/build/orderwright"
}

# configure_sanitized FOLDER SANITIZERS [cmake options...]
configure_sanitized() {
  local folder=$1 sanitizers=$2
  shift 2
  export LSAN_OPTIONS=suppressions=$root_dir/tests/known_leaks.txt:print_suppressions=0
  export TSAN_OPTIONS=suppressions=$root_dir/tests/known_races.txt:print_suppressions=0
  mkdir -p "$root_dir/build"
  configure "$folder" Debug -DOW_SANITIZE="$sanitizers" -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" "$@"
}
