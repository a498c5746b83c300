"""What stands between the office and another agency: messages, signatures, transport, a stand-in server for each.

It never imports the service and never knows a table of ours.
"""
