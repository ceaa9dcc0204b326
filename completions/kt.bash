_kt() { local IFS=$'\n'; COMPREPLY=($(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" COMP_WORDBREAKS="$COMP_WORDBREAKS" kt __complete bash 2>/dev/null)); }
complete -o default -F _kt kt
