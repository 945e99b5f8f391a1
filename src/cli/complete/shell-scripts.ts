/** What each shell runs on Tab: it asks `slipway __complete` with the words so far and the one that is begun. */
export const SHELL_SCRIPTS: Readonly<Record<string, string>> = {
  bash: String.raw`# slipway completion for bash; load it by: source <(slipway completion bash)
_slipway() {
  local words=() word last line
  # Bash takes --flag=value apart at the equals sign.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    last=$(( \${#words[@]} - 1 ))
    if (( last >= 0 )) && [[ $word == "=" || \${words[last]} == --*= ]]; then
      words[last]+=$word
    else
      words+=("$word")
    fi
  done
  last=$(( \${#words[@]} - 1 ))
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :0) ;;
      :*) if type compopt > /dev/null 2>&1; then compopt +o default; fi ;;
      *)
        word=\${line%%$'\t'*}
        case \${words[last]} in --*=*) word=\${word#*=} ;; esac
        COMPREPLY+=("$word")
        ;;
    esac
  done < <(slipway __complete "\${words[@]}")
}
complete -o default -F _slipway slipway
`.replaceAll('\\${', '${'),
  zsh: String.raw`#compdef slipway
# slipway completion for zsh; load it by: source <(slipway completion zsh), or save it as _slipway in a directory of $fpath
_slipway() {
  local -a lines found
  local line
  lines=("\${(@f)$(slipway __complete "\${(@)words[2,CURRENT]}")}")
  for line in "\${(@)lines[1,-2]}"; do
    found+=("\${\${line%%$'\t'*}//:/\\:}:\${line#*$'\t'}")
  done
  if (( $#found )); then _describe slipway found; fi
  if [[ $lines[-1] == :0 ]]; then _files; fi
}
compdef _slipway slipway
`.replaceAll('\\${', '${'),
  fish: String.raw`# slipway completion for fish; load it by: slipway completion fish | source
function __slipway_complete
  set -l words (commandline -opc)
  set -l current "$(commandline -ct)"
  set -l lines (slipway __complete $words[2..-1] $current)
  string match --invert --regex '^:' -- $lines
  if test "$lines[-1]" = :0
    __fish_complete_path $current
  end
end
complete -c slipway -f -a '(__slipway_complete)'
`,
};
