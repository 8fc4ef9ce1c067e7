#pragma once

/**
 * Finds a true or false in a command, as in `{"relay": true}`: a member of the outermost object.
 *
 * @return false when the text is not an object in JSON, or has no such member, or it is neither true nor false
 */
bool fleetJsonBool(const char* json, const char* name, bool& value);
