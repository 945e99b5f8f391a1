module slipway.dev/helper

go 1.26

require github.com/klauspost/compress v1.18.0
