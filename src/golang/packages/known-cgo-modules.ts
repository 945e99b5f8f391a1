/**
 * Modules outside of the standard library whose main use needs a C compiler: without cgo they don't compile, or compile to stubs
 * that fail at run time. The list is short on purpose: a module with a working pure Go side is not on it.
 */
export const KNOWN_CGO_MODULES: ReadonlySet<string> = new Set([
  'github.com/mattn/go-sqlite3',
  'github.com/mutecomm/go-sqlcipher/v4',
  'gorm.io/driver/sqlite',
  'github.com/confluentinc/confluent-kafka-go',
  'github.com/confluentinc/confluent-kafka-go/v2',
  'github.com/marcboeker/go-duckdb',
  'github.com/marcboeker/go-duckdb/v2',
  'github.com/duckdb/duckdb-go/v2',
  'github.com/linxGnu/grocksdb',
  'github.com/tecbot/gorocksdb',
  'github.com/libgit2/git2go',
  'github.com/libgit2/git2go/v34',
  'github.com/davidbyttow/govips/v2',
  'github.com/h2non/bimg',
  'gopkg.in/gographics/imagick.v3',
  'github.com/otiai10/gosseract/v2',
  'gocv.io/x/gocv',
  'github.com/google/gopacket/pcap',
  'github.com/pebbe/zmq4',
  'github.com/godror/godror',
  'github.com/bytecodealliance/wasmtime-go',
  'github.com/wasmerio/wasmer-go',
  'github.com/CosmWasm/wasmvm',
  'github.com/CosmWasm/wasmvm/v2',
  'github.com/miekg/pkcs11',
  'github.com/msteinert/pam',
  'github.com/msteinert/pam/v2',
  'github.com/DataDog/zstd',
  'github.com/valyala/gozstd',
  'github.com/go-gl/gl',
  'github.com/go-gl/glfw/v3.3/glfw',
  'github.com/gordonklaus/portaudio',
  'github.com/veandco/go-sdl2',
  'fyne.io/fyne/v2',
  'github.com/tree-sitter/go-tree-sitter',
  'github.com/smacker/go-tree-sitter',
]);

/** The listed path that an import path lies in. */
export function knownCgoModule(importPath: string): string | undefined {
  for (let path = importPath; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    if (KNOWN_CGO_MODULES.has(path)) return path;
  }
  return undefined;
}
